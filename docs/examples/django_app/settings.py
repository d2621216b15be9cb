"""The settings of the example: the bank and its secrets come from the environment.

Run it with `DJANGO_SETTINGS_MODULE=django_app.settings django-admin runserver`, and with
the bank's credentials in ANYBANK_BOND_IDENTITY and ANYBANK_BOND_AUTHORIZATION.
"""

import os

SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "only for this example")
ROOT_URLCONF = "django_app.urls"
ALLOWED_HOSTS = ["localhost", "testserver"]
INSTALLED_APPS = ["django_app.apps.BankingConfig"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("APP_DATABASE", ":memory:"),
    }
}
USE_TZ = True

BANK = os.environ.get("BANK", "bond")
BANK_PROGRAM_ID = os.environ.get("BOND_PROGRAM_ID", "")
BANK_WEBHOOK_SECRET = os.environ.get("ANYBANK_WEBHOOK_SECRET", "")
