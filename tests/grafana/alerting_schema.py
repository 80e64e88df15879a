"""What Grafana takes as alerting provisioning, as a JSON Schema: the keys that it knows, and those that it wants.

Written from its own readers of these files; a key that it does not know it passes over in silence, and here it fails.
"""

from typing import Any

Json = dict[str, Any]

DURATION = {"type": "string", "pattern": r"^(\d+[smhdw])+$"}
TEXT = {"type": "string", "minLength": 1}
TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}


def record(required: Json, optional: Json | None = None) -> Json:
    """An object with these keys and no other."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def many(of: Json, least: int = 1) -> Json:
    """A list."""
    return {"type": "array", "items": of, "minItems": least}


RANGE = record({"from": {"type": "integer", "minimum": 0}, "to": {"type": "integer", "minimum": 0}})

ASKED = record(
    {
        "refId": TEXT,
        "editorType": {"const": "sql"},
        "queryType": {"enum": ["table", "timeseries"]},
        "format": {"enum": [0, 1]},
        "rawSql": TEXT,
    }
)

THRESHOLD = record(
    {
        "refId": TEXT,
        "type": {"const": "threshold"},
        "expression": TEXT,
        "datasource": {"const": {"type": "__expr__", "uid": "__expr__"}},
        "conditions": many(
            record(
                {
                    "evaluator": record(
                        {"type": {"enum": ["gt", "lt", "within_range"]}, "params": many({"type": "number"})}
                    )
                }
            )
        ),
    }
)

RULE = record(
    {
        "uid": {"type": "string", "pattern": "^[a-zA-Z0-9_-]{1,40}$"},
        "title": TEXT,
        "condition": TEXT,
        "data": many(
            record(
                {
                    "refId": TEXT,
                    "relativeTimeRange": RANGE,
                    "datasourceUid": TEXT,
                    "model": {"anyOf": [ASKED, THRESHOLD]},
                }
            )
        ),
        "noDataState": {"enum": ["NoData", "Alerting", "OK", "KeepLast"]},
        "execErrState": {"enum": ["Error", "Alerting", "OK", "KeepLast"]},
        "for": DURATION,
    },
    {
        "keepFiringFor": DURATION,
        "labels": TEXTS,
        "annotations": TEXTS,
        "isPaused": {"type": "boolean"},
        "dashboardUid": TEXT,
        "panelId": {"type": "integer"},
    },
)

ADDRESS = {"type": "string", "pattern": r"^(https?://\S+)$"}
MESSAGE = {"title": TEXT, "message": TEXT}
SETTINGS = {
    "slack": record({"url": ADDRESS}, {"title": TEXT, "text": TEXT, "recipient": TEXT, "username": TEXT}),
    "teams": record({"url": ADDRESS}, {**MESSAGE, "sectiontitle": TEXT}),
    "email": record(
        {"addresses": {"type": "string", "pattern": r"^[^@\s]+@[^@\s]+$"}},
        {"singleEmail": {"type": "boolean"}, "subject": TEXT, "message": TEXT},
    ),
    "webhook": record({"url": ADDRESS}, {**MESSAGE, "httpMethod": {"enum": ["POST", "PUT"]}}),
}

MATCHERS = many({"type": "array", "prefixItems": [TEXT, {"enum": ["=", "!=", "=~", "!~"]}, TEXT], "minItems": 3})
ROUTE = record(
    {"receiver": TEXT},
    {
        "group_by": many(TEXT),
        "group_wait": DURATION,
        "group_interval": DURATION,
        "repeat_interval": DURATION,
        "object_matchers": MATCHERS,
        "mute_time_intervals": many(TEXT),
        "continue": {"type": "boolean"},
        "routes": many({"$ref": "#/$defs/route"}),
    },
)
ROOT = {**ROUTE, "properties": {**ROUTE["properties"], "orgId": {"type": "integer"}}}
ROOT["properties"].pop("object_matchers")  # the root takes everything, always
ROOT["properties"].pop("mute_time_intervals")

HOUR = {"type": "string", "pattern": r"^([01]\d|2[0-4]):[0-5]\d$"}
INTERVAL = record(
    {},
    {
        "times": many(record({"start_time": HOUR, "end_time": HOUR})),
        "weekdays": many(TEXT),
        "years": many({"type": "string", "pattern": r"^\d{4}(:\d{4})?$"}),
    },
)

SCHEMA: Json = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    **record(
        {"apiVersion": {"const": 1}},
        {
            "groups": many(
                record(
                    {
                        "orgId": {"type": "integer"},
                        "name": TEXT,
                        "folder": TEXT,
                        "interval": DURATION,
                        "rules": many(RULE),
                    }
                )
            ),
            "contactPoints": many(
                record(
                    {
                        "orgId": {"type": "integer"},
                        "name": TEXT,
                        "receivers": many(
                            {
                                "anyOf": [
                                    record(
                                        {"uid": TEXT, "type": {"const": kind}, "settings": settings},
                                        {"disableResolveMessage": {"type": "boolean"}},
                                    )
                                    for kind, settings in SETTINGS.items()
                                ]
                            }
                        ),
                    }
                )
            ),
            "templates": many(record({"orgId": {"type": "integer"}, "name": TEXT, "template": TEXT})),
            "policies": many(ROOT),
            "muteTimes": many(record({"orgId": {"type": "integer"}, "name": TEXT, "time_intervals": many(INTERVAL)})),
        },
    ),
    "$defs": {"route": ROUTE},
}
