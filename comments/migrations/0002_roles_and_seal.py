"""Make the staff's roles; have the database guard the record, and note when the desk sets rules."""

from django.db import migrations

from comments import watched
from comments.append_only import SEALED, seal, unseal
from newsroom.roles import ROLES


def make_roles(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    ContentType = apps.get_model("contenttypes", "ContentType")
    for role, names in ROLES.items():
        group, _ = Group.objects.get_or_create(name=role)
        wanted = []
        for name in names:
            app, codename = name.split(".")
            # Django makes permissions after the migrations, which is too late for the groups.
            model = codename.rpartition("_")[2]
            kind, _ = ContentType.objects.get_or_create(app_label=app, model=model)
            permission, _ = Permission.objects.get_or_create(
                content_type=kind, codename=codename, defaults={"name": f"Can {codename}"}
            )
            wanted.append(permission)
        group.permissions.set(wanted)


def remove_roles(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


def seal_decisions(apps, schema_editor):
    for table in SEALED:
        seal(table, schema_editor)


def unseal_decisions(apps, schema_editor):
    for table in SEALED:
        unseal(table, schema_editor)


def watch_rules(apps, schema_editor):
    watched.watch(schema_editor)


def unwatch_rules(apps, schema_editor):
    watched.unwatch(schema_editor)


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0001_initial"),
        ("articles", "0001_initial"),
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RunPython(make_roles, remove_roles),
        migrations.RunPython(seal_decisions, unseal_decisions),
        migrations.RunPython(watch_rules, unwatch_rules),
    ]
