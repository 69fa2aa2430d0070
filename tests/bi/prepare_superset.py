"""Make Superset's own tables, an administrator, and import a bundle: run by Superset's Python.

    python prepare_superset.py BUNDLE.zip

One start of Superset instead of four: each takes ten seconds.
"""

import sys
from zipfile import ZipFile

import flask_migrate
from flask import g
from superset.app import create_app

app = create_app()
with app.app_context():
    from superset.extensions import appbuilder, db, security_manager

    flask_migrate.upgrade()
    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()
    security_manager.add_user(
        "admin", "A", "Min", "admin@localhost", security_manager.find_role("Admin"), "admin"
    )
    g.user = security_manager.find_user("admin")

    from superset.commands.dashboard.importers.dispatcher import ImportDashboardsCommand
    from superset.commands.importers.v1.utils import get_contents_from_bundle

    with ZipFile(sys.argv[1]) as bundle:
        ImportDashboardsCommand(get_contents_from_bundle(bundle), overwrite=True).run()
    db.session.commit()
