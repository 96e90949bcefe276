"""Have the database keep corrections as they were written."""

from django.db import migrations

from articles import corrections_kept


def seal(apps, schema_editor):
    corrections_kept.seal(schema_editor)


def unseal(apps, schema_editor):
    corrections_kept.unseal(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("articles", "0002_full_text")]

    operations = [migrations.RunPython(seal, unseal)]
