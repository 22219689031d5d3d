from core.api.routers import Router
from mandate.api import views

router = Router()
router.register("mandates", views.Mandates)
router.register("milestone-decisions", views.MilestoneDecisions)
router.register("objectives", views.Objectives)
router.register("objective-associates", views.ObjectiveAssociates)
router.register("objective-preconditions", views.ObjectivePreconditions)
router.register("milestones", views.Milestones)
router.register("evidence", views.EvidencePieces)
router.register("indicators", views.Indicators)
