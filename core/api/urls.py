from core.api import figures, views
from core.api.routers import Router

router = Router()
router.register("sources", views.Sources)
router.register("citations", views.Citations)
router.register("documents", views.Documents)
router.register("deadlines", views.Deadlines)
router.register("figures", figures.Figures)
