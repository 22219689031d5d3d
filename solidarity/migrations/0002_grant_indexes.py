from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_references_and_indexes"),
        ("solidarity", "0001_initial"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="grant", name="grant_search"),
        migrations.AddIndex(
            model_name="grant",
            index=GinIndex(fields=["search", "stage"], name="grant_search"),
        ),
        migrations.AddIndex(
            model_name="grant",
            index=models.Index(
                models.F("stage"),
                models.OrderBy(models.F("amount_granted"), descending=True, nulls_last=True),
                models.F("id"),
                name="solidarity_grant_amount",
            ),
        ),
    ]
