"""Checks that schemathesis runs over every answer, loaded by scripts/schemathesis.sh.

For: SK-f. Must not know a single operation. Keeps: no request, however odd, makes the server fail; a full queue may say so.
"""
import schemathesis


@schemathesis.check
def server_keeps_standing(ctx, response, case):
    """No 5xx, except 503 that says when to come back."""
    if response.status_code < 500:
        return
    retry = [value for name, value in response.headers.items() if name.lower() == "retry-after"]
    if response.status_code == 503 and retry:
        return
    raise AssertionError(f"answered {response.status_code} to {case.method} {case.path}")
