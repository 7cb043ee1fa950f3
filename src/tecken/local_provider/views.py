# SPDX-License-Identifier: MPL-2.0

"""Pages: making an account, signing in to it, and letting Tecken know who one is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import auth
from django.contrib.auth.models import User
from django.contrib.auth.views import RedirectURLMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.generic import CreateView
from oauth2_provider.views import AuthorizationView

_POLICY = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)
_STYLESHEET = (Path(__file__).parent / "pages.css").read_bytes()

Handler = Callable[[HttpRequest], HttpResponse]


def policy_middleware(get_response: Handler) -> Handler:
    """Add a content security policy to what has none of its own."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.setdefault("Content-Security-Policy", _POLICY)
        return response

    return handle


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Say who is signed in."""
    return render(request, "home.html")


@require_safe
def stylesheet(request: HttpRequest) -> HttpResponse:
    """Answer with the only stylesheet."""
    return HttpResponse(_STYLESHEET, "text/css; charset=utf-8")


@require_safe
def logout(request: HttpRequest) -> HttpResponse:
    """Sign out of the provider. That another site can do this to a developer, too, is no harm."""
    auth.logout(request)
    return render(request, "logged_out.html")


class SignUpForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    """A user name, an email address that no other account has, and any password."""

    class Meta:
        model = User
        fields = ("username", "email", "password")
        widgets = {"password": forms.PasswordInput(attrs={"autocomplete": "new-password"})}  # noqa: RUF012

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].required = True

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError("Another account has this email address.")
        return email

    def save(self, commit: bool = True) -> User:
        self.instance.set_password(self.cleaned_data["password"])
        user: User = super().save(commit)
        return user


class SignUp(RedirectURLMixin, CreateView):  # type: ignore[type-arg]  # as above
    """Makes an account, signs in to it, and goes on to where one was going."""

    form_class = SignUpForm
    template_name = "signup.html"
    next_page = "/"

    def form_valid(self, form: "forms.ModelForm[User]") -> HttpResponse:
        response = super().form_valid(form)
        auth.login(self.request, form.instance)  # type: ignore[arg-type]  # another AUTH_USER_MODEL
        return response


class Authorize(AuthorizationView):
    """Asks whether Tecken may know who one is."""

    template_name = "authorize.html"

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Let the form lead to where Tecken is: browsers hold redirects to the policy, too.

        That is known once the request was checked; one that was refused has no form.
        """
        response: HttpResponse = super().render_to_response(context, **kwargs)
        target = urlsplit(context.get("redirect_uri") or "")
        if target.netloc:
            origin = f"{target.scheme}://{target.netloc}"
            response["Content-Security-Policy"] = f"{_POLICY} {origin}"
        return response
