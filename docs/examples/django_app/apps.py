"""The app's configuration, which holds the bank."""

from functools import cached_property

from django.apps import AppConfig
from django.conf import settings

from anybank import Bank


class BankingConfig(AppConfig):
    """The app of this example; a test replaces its `bank` by that of a sandbox."""

    name = "django_app"
    default_auto_field = "django.db.models.BigAutoField"

    @cached_property
    def bank(self) -> Bank:
        """The bank of this process: all threads share it, and a forked worker may use it."""
        return Bank(settings.BANK)
