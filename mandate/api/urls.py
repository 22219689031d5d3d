from core.api.routers import Router
from mandate.api import report_views, views

router = Router()
router.register("mandates", views.Mandates)
router.register("milestone-decisions", views.MilestoneDecisions)
router.register("objectives", views.Objectives)
router.register("objective-associates", views.ObjectiveAssociates)
router.register("objective-preconditions", views.ObjectivePreconditions)
router.register("milestones", views.Milestones)
router.register("evidence", views.EvidencePieces)
router.register("indicators", views.Indicators)
router.register("reports", report_views.Reports)
router.register("report-blocks", report_views.ReportBlocks)
