"""The pages of Unit that the rules are from.

The schemas are those of https://github.com/unit-finance/openapi-unit-sdk.
"""

# https://unit.co/docs/api/applications/
CREATE = "Unit API, create individual application"
APPLICATION = "Unit API, individual application"
DOCUMENTS = "Unit API, application documents"
# https://unit.co/docs/api/customers/
CUSTOMER = "Unit API, individual customer"
UPDATE = "Unit API, update individual customer"
# https://unit.co/docs/api/tags/
TAGS = "Unit API, tags"
# https://unit.co/docs/api/deposit-accounts/
ACCOUNTS = "Unit API, deposit accounts"
TRANSACTIONS = "Unit API, transactions"
# https://unit.co/docs/api/events
EVENTS = "Unit API, events"
# https://unit.co/docs/api/webhooks
WEBHOOKS = "Unit API, webhooks"
OPENAPI = "Unit API, OpenAPI document"
