from core.api import exports, figures, finding, reminders, views, webhooks
from core.api.routers import Router

router = Router()
router.register("sources", views.Sources)
router.register("citations", views.Citations)
router.register("documents", views.Documents)
router.register("deadlines", views.Deadlines)
router.register("reminder-rules", reminders.ReminderRules)
router.register("notifications", reminders.Notifications)
router.register("figures", figures.Figures)
router.register("search", finding.Search, basename="search")
router.register("exports", exports.Exports)
router.register("webhook-subscriptions", webhooks.WebhookSubscriptions)
router.register("webhook-deliveries", webhooks.WebhookDeliveries)
