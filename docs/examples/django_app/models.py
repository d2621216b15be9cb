"""What the app stores of a customer: no name, no address, no social security number."""

from uuid import uuid4

from django.db import models


class Customer(models.Model):
    """A customer of the app, and where the bank has them."""

    key = models.UUIDField(primary_key=True, default=uuid4)
    provider = models.CharField(max_length=40)
    bank_customer_id = models.CharField(  # null until the bank has the customer
        max_length=200, null=True, unique=True
    )
    kyc = models.CharField(max_length=40, default="unknown")

    def __str__(self) -> str:
        return str(self.key)


class ProcessedEvent(models.Model):
    """An event that has been processed; banks deliver some events more than once."""

    dedupe_key = models.CharField(max_length=200, unique=True)

    def __str__(self) -> str:
        return self.dedupe_key
