"""The sign-in page over HTTP: an address for each link token; GET shows the step, POST takes it."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from fakebank.hosted import pages
from fakebank.hosted.flow import Refusal, Visit
from fakebank.markup import Html
from fakebank.plaid.passing_time import catch_up
from fakebank.plaid.records import LinkToken
from fakebank.sandbox import Sandbox

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none';"
    " base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


Form = dict[str, list[str]]
MOST_FIELDS = 200


def parse_form(body: bytes) -> Form:
    """The fields of an HTML form, each a list; a body that is no form has none."""
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}


def html_response(body: Html, status: int = 200) -> Response:
    """An HTML answer with the headers of every page here."""
    return HTMLResponse(body, status, headers=HEADERS)


class HostedLinkServer:
    """Serves the sign-in pages of one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[Route]:
        return [
            Route("/link/{page_id}", self._show, methods=["GET"]),
            Route("/link/{page_id}", self._act, methods=["POST"]),
        ]

    async def _show(self, request: Request) -> Response:
        visit = self._visit(request)
        if isinstance(visit, Response):
            return visit
        self._sandbox.save()
        return self._page(visit, query=request.query_params.get("q", "").strip()[:100])

    async def _act(self, request: Request) -> Response:
        form = parse_form(await request.body())
        visit = self._visit(request)
        if isinstance(visit, Response):
            return visit
        catch_up(self._sandbox)
        try:
            if _text(form, "step") == visit.session.step:
                _take(visit, form)
        except Refusal as refusal:
            return self._page(visit, refusal=refusal)
        finally:
            self._sandbox.save()
        return self._onward(request, visit)

    def _visit(self, request: Request) -> Visit | Response:
        """The visit at this address; or the page that says why there is none."""
        page_id = request.path_params["page_id"]
        token = next((t for t in self._sandbox.link_tokens if t.page_id == page_id), None)
        if token is None or token.page_expires_at is None:
            return html_response(pages.unknown_page(), 404)
        if _is_over(token):
            return html_response(pages.ended_page(Visit(self._sandbox, token)))
        if token.page_expires_at <= self._sandbox.clock.now():
            return html_response(pages.expired_page(token.request["client_name"]), 410)
        return Visit(self._sandbox, token)

    def _page(self, visit: Visit, *, refusal: Refusal | None = None, query: str = "") -> Response:
        countries = visit.token.request["country_codes"]
        at_accounts = visit.session.step == "accounts"
        body = pages.step_page(
            visit,
            refusal=refusal,
            query=query,
            found=self._sandbox.bank.institutions.search(query, countries=countries),
            offered=self._sandbox.bank.accounts_of(visit.login) if at_accounts else [],
        )
        return html_response(body)

    def _onward(self, request: Request, visit: Visit) -> Response:
        """To the next step; after the last one back to the client."""
        ended = visit.session.step in ("done", "left")
        back = visit.token.request["hosted_link"].get("completion_redirect_uri")
        if ended and back:
            return RedirectResponse(back, 303, headers=HEADERS)
        if ended:
            return html_response(pages.ended_page(visit))
        return RedirectResponse(request.url.path, 303, headers=HEADERS)


def _is_over(token: LinkToken) -> bool:
    return bool(token.sessions) and token.sessions[-1].step == "done"


def _take(visit: Visit, form: Form) -> None:
    """Do what the form says. Raises Refusal."""
    match _text(form, "action"), visit.session.step:
        case "leave", _:
            visit.leave()
        case "other", "credentials" if not visit.updating:
            visit.choose_other_institution()
        case "choose", "institutions":
            visit.choose_institution(_text(form, "institution_id"))
        case "sign_in", "credentials":
            visit.sign_in(_text(form, "username").strip(), _text(form, "password"))
        case "answer", "factor":
            count = visit.factor.per_round if visit.factor.kind != "device" else 1
            visit.answer([_text(form, f"answer_{n}") for n in range(count)])
        case "share", "accounts":
            visit.share(form.get("account", []))
        case _:
            raise Refusal("This form is not of this page. Please try again.")


def _text(form: Form, name: str) -> str:
    return form.get(name, [""])[0]
