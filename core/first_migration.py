"""The first migration of an app, in one step.

Django renders every model anew after each operation: with hundreds of models, fields, rules and triggers this takes
minutes, all but seconds of it for states that nobody asks about. Here the state is told of all operations first and
rendered once; tables are then made as they finally are.
"""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class FirstMigration(migrations.Migration):
    """Operations that change a model which the same migration creates are part of its creation. Only for first migrations."""

    def apply(self, project_state, schema_editor, collect_sql=False):
        before = project_state.clone()
        # What is rendered so far would be rendered again after each operation.
        project_state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(self.app_label, project_state)
        created = {
            operation.name_lower for operation in self.operations if isinstance(operation, migrations.CreateModel)
        }
        for operation in self.operations:
            if not _is_part_of(created, operation):
                operation.database_forwards(self.app_label, schema_editor, before, project_state)
        return project_state


def _is_part_of(created: set[str], operation: Operation) -> bool:
    """Whether the operation only completes a table that is made whole already."""
    completing = (migrations.AddField, migrations.AddIndex, migrations.AddConstraint, migrations.AlterUniqueTogether)
    return isinstance(operation, completing) and getattr(operation, "model_name_lower", "") in created
