"""The defences that `docs/security.md` names, and how each is taken away."""

from typing import Final

from defences import CORE, HTTP, PROVIDERS, SQLITE, Removal

_LIBRARY: Final = "tests/core/adapters/library/test_directory.py::"
_STEPS: Final = "tests/core/adapters/library/test_file_operations.py::"
_CHANGES: Final = "tests/core/application/library/changes/test_runner.py::"
_AUTH: Final = "tests/http/routes/test_auth.py::"
_CONFIG: Final = "tests/http/routes/test_config.py::"
_CROSS: Final = "tests/http/security/test_origin.py::"
_MIDDLE: Final = "tests/http/middlewares/test_stack.py::"
_USERS: Final = "tests/http/routes/test_users.py::"
_OIDC: Final = "tests/http/routes/test_oidc.py::"
_ACCOUNTS: Final = "tests/core/application/access/test_accounts.py::"
_WALK: Final = "tests/http/test_route_walk.py::"
_BYTES: Final = "tests/providers/network/bytes/test_client.py::"
_BOUNDS: Final = "tests/providers/network/pages/test_bounds.py::"
_STORE: Final = "tests/core/adapters/test_json_config_store.py::"
_SLOW: Final = "tests/http/middlewares/test_slow_clients.py::"
_FRAMING: Final = "tests/http/lifespan/test_unreadable.py::"
_SOCKET: Final = "tests/http/websocket/test_signing_in.py::"
_SMALL: Final = (
    "tests/providers/transfer/manifests/test_growth.py::test_small_manifests_are_little_work"
)
_FORBIDDEN: Final = (
    "tests/architecture/test_forbidden_calls.py::test_no_part_does_what_is_forbidden"
)
_SECRETS: Final = "tests/e2e/test_secrets.py::test_nothing_secret_is_written_or_told"

REMOVALS: Final = (
    # T1, T3: the library
    Removal(
        "tests/core/domain/library/test_safe_names.py::test_hostile_names_stay_inside_their_folder",
        CORE + "domain/library/safe_names.py",
        '"/": "-", "\\\\": "-",',
        "",
    ),
    Removal(
        _LIBRARY + "test_no_destination_through_a_link_that_leads_outside",
        CORE + "adapters/library/places.py",
        "return os.path.commonpath([real_root, real]) == real_root",
        "return real.startswith(real_root)",
    ),
    Removal(
        _LIBRARY + "test_no_destination_through_a_link_that_leads_outside",
        CORE + "adapters/library/places.py",
        "            if not _is_inside(real_root, _location(folder)):",
        "            if not real_root:",
    ),
    Removal(
        _LIBRARY + "test_a_swapped_link_never_leads_outside",
        CORE + "adapters/library/places.py",
        "            if not _is_inside(real_root, _location(folder)):",
        "            if not real_root:",
    ),
    Removal(
        _LIBRARY + "test_links_never_lead_the_scan_outside",
        CORE + "adapters/library/reach.py",
        "        if not any(_is_inside(target, root) for root in self.all_real):",
        "        if not target:",
    ),
    Removal(
        _LIBRARY + "test_links_never_lead_the_scan_outside",
        CORE + "adapters/library/reach.py",
        """return f"{path}/".startswith(f"{folder.rstrip('/')}/")""",
        "return path.startswith(folder)",
    ),
    # Changes of library files
    Removal(
        _STEPS + "test_nothing_is_overwritten",
        CORE + "adapters/library/changes/steps.py",
        "        if not is_half_moved:",
        "        if not new:",
    ),
    Removal(
        _STEPS + "test_no_step_leads_outside_through_a_link",
        CORE + "adapters/library/changes/places.py",
        "    if os.path.commonpath([real_root, real]) != real_root:",
        "    if not real:",
    ),
    Removal(
        _CHANGES + "test_a_failure_at_any_step_changes_nothing",
        CORE + "application/library/changes/runner.py",
        "                await self._roll_back(begun.id, error, is_own=True)",
        "                pass",
    ),
    Removal(
        _CHANGES + "test_a_kill_at_any_step_is_completed_at_the_next_start",
        CORE + "application/library/changes/runner.py",
        "                    await self._forward_or_back(change)",
        "                    await self._roll_back(change.id, None)",
    ),
    # T2: the suffix
    Removal(
        "tests/providers/transfer/direct/test_fetcher.py::test_suffix_comes_from_the_content",
        PROVIDERS + "transfer/direct/film_fetch.py",
        "final_path(request.destination, facts.suffix,",
        'final_path(request.destination, ".sh",',
    ),
    # About addresses: T4
    Removal(
        "tests/providers/network/test_guard.py::test_no_spelling_reaches_this_machine",
        PROVIDERS + "network/guard.py",
        "        if is_public(parsed) or self.grants(str(parsed), port):",
        "        if parsed:",
    ),
    Removal(
        "tests/providers/network/test_guard.py::test_a_rebound_name_is_refused_at_connect_time",
        PROVIDERS + "network/bytes/sending.py",
        "            self._guard.require(str(address[0]), int(address[1]), host=_host.get())",
        "            pass",
    ),
    Removal(
        _BYTES + "test_a_hop_to_a_port_that_is_not_listed_is_refused",
        PROVIDERS + "network/guard.py",
        "        if not self.permits(address, port, host=host):",
        "        if not port:",
    ),
    # T7: answers that fill memory or disk
    Removal(
        _BOUNDS + "test_a_bomb_does_not_fill_the_memory",
        PROVIDERS + "network/pages/http.py",
        "            yield decoder.decompress(chunk, most)",
        "            yield decoder.decompress(chunk)",
    ),
    # About credentials: T8
    Removal(
        _BOUNDS + "test_what_a_caller_sends_stays_with_the_origin",
        PROVIDERS + "network/pages/answers.py",
        "headers=self.headers if same else accept,",
        "headers=self.headers,",
    ),
    Removal(
        _BYTES + "test_secrets_stay_with_their_server",
        PROVIDERS + "network/bytes/sending.py",
        "own = {k: v for k, v in own.items() if k.lower() in _PORTABLE}",
        "pass",
    ),
    Removal(
        _BYTES + "test_credentials_are_for_the_servers_that_links_name",
        PROVIDERS + "network/bytes/sending.py",
        "            and (is_trusted or name.lower() not in _CREDENTIALS)\n",
        "",
    ),
    Removal(
        _BYTES + "test_cookies_belong_to_one_server_and_one_transfer",
        PROVIDERS + "network/cookies.py",
        "        if self.port is not None and self.port != target.port:",
        "        if self.port is None and self.port != target.port:",
    ),
    # About certificates: T9
    Removal(
        _BYTES + "test_https_does_not_lead_down_to_http",
        PROVIDERS + "network/bytes/sending.py",
        "        if is_downgrade and not self._guard.grants(target.host, target.port):",
        "        if is_downgrade and target is None:",
    ),
    Removal(
        _FORBIDDEN,
        PROVIDERS + "network/pages/http.py",
        "    return httpx.create_ssl_context(trust_env=False)",
        "    return httpx.create_ssl_context(verify=False, trust_env=False)",
    ),
    # T10, T11, T12: browsers
    Removal(
        _MIDDLE + "test_every_response_has_the_security_headers",
        HTTP + "security/headers.py",
        '        "X-Content-Type-Options": "nosniff",\n',
        "",
    ),
    Removal(
        _CROSS + "test_no_operation_is_done_for_a_foreign_page",
        HTTP + "middlewares/admission.py",
        "    check_origin(request)\n",
        "",
    ),
    Removal(
        _CROSS + "test_no_operation_accepts_form_content_types",
        HTTP + "schemas/reading.py",
        "    if request.content_type != JSON:",
        "    if not request.content_type:",
    ),
    Removal(
        _MIDDLE + "test_only_named_origins_may_read",
        HTTP + "middlewares/cors.py",
        "defaults=dict.fromkeys(app[SETTINGS].cors_origins, options)",
        'defaults={"*": options}',
    ),
    Removal(
        _MIDDLE + "test_only_own_host_names_are_answered",
        HTTP + "security/origin.py",
        "    if not _is_own_host(request.app, name):",
        "    if not name:",
    ),
    Removal(
        _FRAMING + "test_a_request_needs_exactly_one_own_host",
        HTTP + "middlewares/admission.py",
        "    check_host(request)\n",
        "",
    ),
    # T13: the socket
    Removal(
        _SOCKET + "test_a_foreign_page_is_refused",
        HTTP + "security/origin.py",
        "    if request.method not in _SAFE or is_socket:",
        "    if request.method not in _SAFE:",
    ),
    Removal(
        _SOCKET + "test_silence_ends_it",
        HTTP + "websocket/connection.py",
        "            with anyio.fail_after(self._hub.limits.sign_in):",
        "            with anyio.fail_after(3600):",
    ),
    Removal(
        _SOCKET + "test_signing_out_closes",
        HTTP + "websocket/sessions.py",
        "            client.dismiss(UNAUTHORIZED, str(error))",
        "            pass",
    ),
    Removal(
        "tests/http/websocket/test_connection.py::test_a_giant_message_ends_it",
        HTTP + "websocket/connection.py",
        "        max_msg_size=limits.message,",
        "        max_msg_size=0,",
    ),
    # About tokens: T14
    Removal(
        _WALK + "test_no_route_lets_a_forged_token_through",
        HTTP + "security/jwt_codec.py",
        '        if parts["header"] != _HEADER:',
        '        if not parts["header"]:',
    ),
    Removal(
        _WALK + "test_the_socket_lets_no_forged_token_through",
        HTTP + "security/jwt_codec.py",
        '        if parts["header"] != _HEADER:',
        '        if not parts["header"]:',
    ),
    Removal(
        _AUTH + "test_a_new_password_ends_every_other_session",
        CORE + "application/access/master_password.py",
        "        await self._sessions.revoke_all(self._clock.now(), keep=keep)",
        "        del keep",
    ),
    Removal(
        _AUTH + "test_set_up_sign_in_and_sign_out",
        CORE + "application/access/authenticator.py",
        "        if session.revoked_at is not None:",
        "        if session is None:",
    ),
    # About guessing: T15
    Removal(
        _CROSS + "test_a_thousand_forged_addresses_share_one_limit",
        HTTP + "security/client_addresses.py",
        "    if trusted and _is_in(peer, trusted):\n        for raw",
        "    if request:\n        for raw",
    ),
    Removal(
        _MIDDLE + "test_behind_a_trusted_proxy_clients_are_counted_separately",
        HTTP + "security/client_addresses.py",
        "            peer = address\n",
        "",
    ),
    # T16, T17: the configuration
    Removal(
        _CONFIG + "test_a_path_needs_the_password",
        HTTP + "routes/configuration/document.py",
        "        await _require_password(request, password)\n",
        "        pass\n",
    ),
    Removal(
        _CONFIG + "test_secrets_are_hidden",
        CORE + "application/configuration/editor.py",
        "        return redacted(document_from_config(config), self._declared_in(config))",
        "        return document_from_config(config)",
    ),
    Removal(
        _CONFIG + "test_the_hash_cannot_be_set",
        CORE + "application/configuration/checking.py",
        "    return with_hash(config, stored.other.master_password_hash)",
        "    return config",
    ),
    Removal(
        "tests/contracts/test_config_store.py::TestJsonConfigStore::test_only_listed_names_are_taken",
        CORE + "adapters/json_config_store.py",
        "        if name not in {backup.name for backup in self._listed(folder)}:",
        "        if not (folder / name).exists():",
    ),
    Removal(
        _STORE + "test_links_among_the_backups_are_not_followed",
        CORE + "adapters/json_config_store.py",
        " and not path.is_symlink()",
        "",
    ),
    Removal(
        _STORE + "test_a_cut_file_is_never_a_fresh_start",
        CORE + "adapters/json_config_store.py",
        "            raise self._corrupt("
        'Message("config_not_json", reason=error.reason)) from error',
        "            return JsonDocument({})",
    ),
    Removal(
        _STORE + "test_of_many_processes_one_sets_the_first_password",
        CORE + "application/configuration/editor.py",
        "        async with self._lock, self._store.exclusive():\n            yield",
        "        async with self._lock:\n            yield",
    ),
    # T18: static files
    Removal(
        "tests/http/rendering/test_static_files.py::test_no_path_leads_out_of_the_static_files_table",
        HTTP + "rendering/static_files.py",
        "        if file is None:\n            raise web.HTTPNotFound",
        "        if file is None:\n"
        '            file = StaticFile.of(asked, (WEB / "static" / asked).read_bytes())',
    ),
    # About access: T19
    Removal(
        "tests/http/operations/test_access.py::test_no_closed_route_answers_without_a_token",
        HTTP + "middlewares/admission.py",
        "    await authenticate(request, policy)\n",
        "",
    ),
    Removal(
        "tests/http/operations/test_access.py::test_no_closed_route_answers_without_a_token",
        HTTP + "operations/routing.py",
        "                self._areas[segment] = Policy(kind=policy.kind)",
        "                self._areas[segment] = Policy(kind=policy.kind, is_public=True)",
    ),
    # T20, T21: the log and the answers
    Removal(
        "tests/core/bootstrap/logging/test_setup.py::test_secrets_never_reach_the_log",
        CORE + "bootstrap/logging/setup.py",
        "    text = _AUTHORITY.sub(_without_user, text)\n",
        "",
    ),
    Removal(
        "tests/core/bootstrap/logging/test_setup.py::test_one_record_is_one_line",
        CORE + "bootstrap/logging/setup.py",
        '            event[name] = "".join(c if c.isprintable() else repr(c)[1:-1] for c in value)',
        "            pass",
    ),
    Removal(
        "tests/http/middlewares/test_compression.py::test_secrets_are_never_compressed",
        HTTP + "middlewares/compression.py",
        "return not policy_of(request).is_secret",
        "return policy_of(request).is_secret is not None",
    ),
    Removal(
        _FRAMING + "test_a_malformed_request_is_one_short_log_line",
        HTTP + "lifespan/unreadable.py",
        "    _LOGGER.addFilter(_shortened)\n",
        "",
    ),
    # T22: the machine
    Removal(
        "tests/sqlite/test_database.py::TestSetUp::test_files_are_private",
        SQLITE + "_database.py",
        "os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)",
        "os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)\n    return",
    ),
    # T23: slow requests
    Removal(
        _SLOW + "test_compressed_bodies_are_refused_without_decompression",
        HTTP + "schemas/reading.py",
        'if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":',
        "if not request:",
    ),
    Removal(
        _SLOW + "test_a_body_is_one_mebibyte_at_most",
        HTTP + "app.py",
        "client_max_size=MAX_BODY",
        "client_max_size=MAX_BODY * 1024",
    ),
    # About framing: T24
    Removal(
        _FRAMING + "test_the_server_refuses_the_lenient_parser",
        HTTP + "lifespan/server.py",
        "    if http_parser.HttpRequestParser is http_parser.HttpRequestParserPy:",
        "    if http_parser is None:",
    ),
    # T26, T27: commands and former data
    Removal(
        "tests/core/adapters/library/test_legacy_data_files.py::test_links_and_pipes_are_not_read",
        CORE + "adapters/library/legacy_data_files.py",
        "os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK",
        "os.O_RDONLY | os.O_NONBLOCK",
    ),
    Removal(
        "tests/core/adapters/library/test_legacy_data_files.py::test_a_bad_file_is_reported_and_left_alone",
        CORE + "adapters/library/legacy_data_files.py",
        "    if len(content) > MAX_BYTES:",
        "    if not MAX_BYTES:",
    ),
    # Set-up
    Removal(
        _AUTH + "test_the_first_password_needs_the_code_from_everywhere",
        HTTP + "security/setup_code.py",
        "            if self.is_needed:\n",
        "            if not self.is_needed:\n",
    ),
    Removal(
        _AUTH + "test_the_code_is_valid_once",
        HTTP + "security/setup_code.py",
        "            yield\n            self.withdraw()",
        "            yield",
    ),
    Removal(
        _AUTH + "test_the_code_file_has_mode_0600",
        HTTP + "security/setup_code.py",
        "os.fchmod(descriptor, 0o600)  # a umask may have removed the owner's bits",
        "os.fchmod(descriptor, 0o644)",
    ),
    Removal(
        "tests/core/bootstrap/test_server_lock.py::test_of_twenty_servers_at_once_one_lives",
        CORE + "bootstrap/server_lock.py",
        "        lock.acquire(timeout=_PATIENCE_SECONDS, poll_interval=0.05)",
        "        pass",
    ),
    # What had no test that noticed
    Removal(
        "tests/providers/network/test_guard.py::test_the_transport_of_pages_is_guarded_too",
        PROVIDERS + "network/pages/transport.py",
        "permitted = [a for a in addresses if self._guard.permits(a, port, host=host)]",
        "permitted = list(addresses)",
    ),
    Removal(
        "tests/providers/network/test_guard.py::test_yt_dlp_connects_to_permitted_addresses_only",
        PROVIDERS + "ytdlp/sockets.py",
        "permitted = [e for e in found if self.guard.permits(str(e[4][0]), port, host=host)]",
        "permitted = list(found)",
    ),
    Removal(
        "tests/http/routes/test_pages.py::test_no_parameter_sets_a_redirect",
        HTTP + "operations/routing.py",
        "    location = str(request.app.router[name].url_for())",
        '    location = request.query.get("next", str(request.app.router[name].url_for()))',
    ),
    Removal(
        "tests/http/operations/test_access.py::test_keys_are_limited_to_their_scope",
        HTTP + "middlewares/admission.py",
        "    if endpoint is not None and not caller.scope.includes(endpoint.scope):",
        "    if endpoint is not None and not caller.scope:",
    ),
    Removal(
        _OIDC + "test_a_forged_token_is_refused",
        HTTP + "security/oidc/provider.py",
        "jwt.decode(token, keys, algorithms=list(_ALGORITHMS)).claims",
        "msgspec.json.decode(base64.urlsafe_b64decode(token.split('.')[1] + '=='))",
    ),
    Removal(
        _OIDC + "test_a_wrong_claim_is_refused",
        HTTP + "security/oidc/provider.py",
        'claims.get("nonce") != nonce',
        "False",
    ),
    Removal(
        _OIDC + "test_an_answer_is_good_once_and_for_one_browser",
        HTTP + "security/oidc/sign_in.py",
        "        if state in self._used:\n",
        "        if False:\n",
    ),
    Removal(
        _OIDC + "test_a_provider_leads_nowhere_else",
        HTTP + "security/oidc/provider.py",
        "            if _origin(found.get(name)) != _origin(issuer):\n",
        "            if not found:\n",
    ),
    Removal(
        _USERS + "test_every_operation_asks_for_the_role",
        HTTP + "security/callers.py",
        "most if account is None else most.within(account.role.scope)",
        "most",
    ),
    Removal(
        _USERS + "test_a_smaller_role_applies_at_once_also_to_keys",
        HTTP + "security/callers.py",
        "key.scope if account is None else key.scope.within(account.role.scope)",
        "key.scope",
    ),
    Removal(
        _USERS + "test_sessions_keys_and_sockets_end_at_once",
        CORE + "application/access/accounts.py",
        "            await self._end_all(account.id)\n",
        "            pass\n",
    ),
    Removal(
        _USERS + "test_guesses_are_bounded_for_each_account",
        HTTP + "security/rate_limits.py",
        'await counter.count_request(counter.limits.sign_ins, "account", user)',
        "pass",
    ),
    Removal(
        _ACCOUNTS + "test_a_wrong_sign_in_says_and_does_the_same",
        CORE + "application/access/accounts.py",
        "                await self._hasher.hash(usual)\n            raise",
        "                pass\n            raise",
    ),
    Removal(
        _ACCOUNTS + "test_a_change_during_the_sign_in_ends_the_session",
        CORE + "application/access/accounts.py",
        "stored.password_hash != account.password_hash",
        "False",
    ),
    Removal(
        "tests/http/operations/test_access.py::test_every_route_needs_its_scope",
        HTTP + "routes/logs.py",
        "scope=Scope.ADMIN",
        "scope=Scope.READ",
    ),
    Removal(
        "tests/http/operations/test_policy.py::test_the_public_operations_are_those_listed_here",
        HTTP + "routes/health.py",
        "        policy=Policy(kind=Kind.PROBE),\n",
        "        policy=_OPEN,\n",
    ),
    Removal(
        _WALK + "test_no_spelling_of_a_path_bypasses_the_checks",
        HTTP + "middlewares/admission.py",
        "    await authenticate(request, policy)\n",
        "    if request.raw_path == request.path:\n        await authenticate(request, policy)\n",
    ),
    Removal(
        _WALK + "test_the_walk_covers_every_route",
        HTTP + "middlewares/admission.py",
        "    if policy.is_identified:\n",
        '    if request.path == "/api/logs":\n'
        "        return web.Response()\n"
        "    if policy.is_identified:\n",
    ),
    # Media: T5 to T7, T9
    Removal(
        _BYTES + "test_certificates_are_checked",
        PROVIDERS + "network/bytes/sending.py",
        "ssl=await self._tls(target),",
        "ssl=False,",
    ),
    Removal(
        _BYTES + "test_gzip_unfolds_within_the_limit",
        PROVIDERS + "network/bytes/response.py",
        "            if len(body) > max_bytes:\n                break\n"
        "        if len(body) > max_bytes:",
        "        if len(body) < 0:",
    ),
    Removal(
        "tests/providers/transfer/direct/test_fetcher.py::test_more_than_accepted_is_refused",
        PROVIDERS + "transfer/direct/file_job.py",
        "max_bytes=self.request.max_bytes,",
        "max_bytes=2**60,",
    ),
    Removal(
        "tests/providers/transfer/segments/test_fetcher.py::test_a_compressed_list_is_unfolded_up_to_a_limit",
        PROVIDERS + "network/bytes/response.py",
        "            if len(body) > max_bytes:\n                break\n"
        "        if len(body) > max_bytes:",
        "        if len(body) < 0:",
        "8000000-True",
    ),
    Removal(
        "tests/providers/transfer/segments/test_fetcher.py::test_hostile_lists_are_refused",
        PROVIDERS + "network/guard.py",
        "        if not self.permits(address, port, host=host):",
        "        if not port:",
    ),
    Removal(
        "tests/providers/transfer/manifests/hls/test_playlist.py::test_only_web_addresses_are_followed",
        PROVIDERS + "transfer/links.py",
        'if parts.scheme.lower() not in {"http", "https"} or not host:',
        "if not parts.scheme:",
    ),
    Removal(
        "tests/providers/transfer/manifests/hls/test_playlist.py::test_too_many_segments_are_refused",
        PROVIDERS + "transfer/manifests/hls/tags.py",
        '        _require(len(self.found.segments) + 1, MAX_SEGMENTS, "too_many_segments")\n',
        "",
    ),
    Removal(
        "tests/providers/transfer/manifests/hls/test_playlist.py::test_variables_cannot_unfold_without_end",
        PROVIDERS + "transfer/manifests/hls/tags.py",
        "        if self._expanded_length > MAX_PLAYLIST_BYTES:",
        "        if self._expanded_length < 0:",
    ),
    # Browsers: T10, T11, T20
    Removal(
        "tests/http/routes/test_pages.py::test_scripts_make_no_markup_out_of_data",
        HTTP + "web/static/js/dom.js",
        "node.textContent = text;",
        "node.innerHTML = text;",
    ),
    Removal(
        _CROSS + "test_no_get_request_changes_anything",
        HTTP + "operations/routing.py",
        "resource.add_route(method, endpoint.handler)",
        'resource.add_route("GET" if endpoint.path == "/api/auth/logout" else method, '
        "endpoint.handler)",
    ),
    Removal(
        _MIDDLE + "test_an_internal_error_reveals_nothing",
        HTTP + "middlewares/errors.py",
        "detail=str(said),",
        "detail=str(error),",
    ),
    Removal(
        _MIDDLE + "test_no_path_redirects_elsewhere",
        HTTP + "middlewares/admission.py",
        "    check_host(request)\n",
        '    if request.path.startswith("/"):\n'
        "        from aiohttp import web as pages\n\n"
        '        raise pages.HTTPFound("/" + request.path.lstrip("/"))\n',
    ),
    Removal(
        "tests/http/routes/test_pages.py::test_no_path_leads_to_another_site",
        HTTP + "middlewares/admission.py",
        "    check_host(request)\n",
        '    if request.path.startswith("/"):\n'
        "        from aiohttp import web as pages\n\n"
        '        raise pages.HTTPFound("/" + request.path.lstrip("/"))\n',
    ),
    # About guessing: T15
    Removal(
        "tests/http/security/test_login_throttle.py::test_many_addresses_share_one_budget",
        CORE + "domain/access/guesses.py",
        "    if len(counted) >= budget:",
        "    if len(counted) < 0:",
    ),
    Removal(
        "tests/http/security/test_login_throttle.py::test_many_keys_from_many_addresses_share_one_budget",
        CORE + "domain/access/guesses.py",
        "    if len(counted) >= budget:",
        "    if len(counted) < 0:",
    ),
    Removal(
        "tests/http/security/test_login_throttle.py::test_no_sequence_of_callers_gets_more_guesses",
        CORE + "domain/access/guesses.py",
        "    if len(counted) >= budget:",
        "    if len(counted) < 0:",
    ),
    Removal(
        _AUTH + "test_guesses_from_many_addresses_are_delayed",
        CORE + "domain/access/guesses.py",
        "    delay = _STEP * max(",
        "    delay = 0 * _STEP * max(",
    ),
    Removal(
        _CROSS + "test_the_stored_clients_are_bounded",
        HTTP + "security/request_windows.py",
        "        while len(self.events) > _MOST:",
        "        while len(self.events) < 0:",
    ),
    # Configuration: T16, T17
    Removal(
        _CONFIG + "test_a_secret_is_asked_for_again_at_another_address",
        CORE + "application/configuration/secrets.py",
        "return value if way.is_read or (way.is_elsewhere and is_bound_to_others) else stored",
        "return stored",
    ),
    Removal(
        "tests/core/application/configuration/test_secrets.py::test_a_secret_is_bound_to_its_address",
        CORE + "application/configuration/secrets.py",
        "return value if way.is_read or (way.is_elsewhere and is_bound_to_others) else stored",
        "return stored",
    ),
    Removal(
        "tests/core/application/configuration/test_secrets.py::test_no_list_of_servers_moves_a_secret",
        CORE + "application/configuration/secrets.py",
        "return value if way.is_read or (way.is_elsewhere and is_bound_to_others) else stored",
        "return stored",
    ),
    Removal(
        _CONFIG + "test_every_wrong_setting_is_named",
        CORE + "application/configuration/document.py",
        "    if problems:\n        raise InvalidConfigError(sorted(problems, key=_document_order))",
        "    if problems:\n        raise InvalidConfigError(problems[:1])",
    ),
    Removal(
        _CONFIG + "test_restoring_asks_for_what_a_change_would",
        HTTP + "routes/configuration/document.py",
        "    if await editor.guarded_changes(backup):",
        "    if not backup:",
    ),
    Removal(
        _STORE + "test_a_bad_backup_is_not_restored",
        CORE + "application/configuration/document.py",
        "        raise InvalidConfigError(sorted(problems, key=_document_order))\n",
        "        del problems\n",
    ),
    # Set-up and files: T20, T22
    Removal(
        _AUTH + "test_a_restart_makes_a_new_code",
        HTTP + "security/setup_code.py",
        'factory=lambda: "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)), repr=False',
        'factory=lambda: "A" * _LENGTH, repr=False',
    ),
    Removal(
        _AUTH + "test_a_password_set_meanwhile_by_another_process_counts",
        CORE + "application/configuration/editor.py",
        "            if stored.other.master_password_hash:\n",
        "            if not stored:\n",
    ),
    Removal(
        "tests/core/bootstrap/test_server_lock.py::test_whose_it_is_can_only_be_said_by_its_owner",
        CORE + "bootstrap/server_lock.py",
        "        pid_file.touch(mode=0o600)",
        "        pid_file.touch(mode=0o666)\n        pid_file.chmod(0o666)",
    ),
    Removal(
        _SECRETS,
        CORE + "adapters/json_config_store.py",
        "        write_atomically(self._path, written(config))",
        "        write_atomically(self._path, written(config))\n        self._path.chmod(0o644)",
    ),
    # Connections and framing: T23, T24
    Removal(
        _SLOW + "test_unfinished_headers_close_the_connection",
        HTTP + "security/connections.py",
        "closed = self._abort_all(self._late(Stage.INCOMPLETE, now - HEADER_SECONDS))",
        "closed = 0",
    ),
    Removal(
        _SLOW + "test_no_raw_path_leads_out_of_the_static_files",
        HTTP + "rendering/static_files.py",
        "        if file is None:\n            raise web.HTTPNotFound",
        "        if file is None:\n"
        '            file = StaticFile.of(asked, (WEB / "static" / asked).read_bytes())',
    ),
    # About texts: T25
    Removal(
        "tests/core/domain/library/test_file_names.py::test_work_grows_no_faster_than_the_name",
        CORE + "domain/library/file_names/names.py",
        'stem = unicodedata.normalize("NFC", base[:NAME_LIMIT])',
        'stem = unicodedata.normalize("NFC", base)',
    ),
    Removal(
        "tests/architecture/test_expressions.py::test_no_expression_reads_a_text_twice",
        CORE + "domain/library/safe_names.py",
        'r"(?<!\\s)\\s*+:\\s++"',
        'r"\\s*:\\s+"',
    ),
    Removal(
        "tests/core/bootstrap/logging/test_setup.py::test_a_long_text_is_cut_before_it_is_searched",
        CORE + "bootstrap/logging/setup.py",
        "    text = cut_text(text)\n",
        "",
    ),
    # The database: F19, T28
    Removal(
        "tests/contracts/test_series_repository.py::"
        "TestSqliteSeriesRepository::test_summaries_search_is_literal",
        SQLITE + "_repositories/summaries.py",
        "position(anime_series.c.search_text, word) > 0",
        'anime_series.c.search_text.like(f"%{word}%")',
    ),
    Removal(
        "tests/sqlite/test_copies.py::test_whatever_is_damaged_it_starts_again",
        SQLITE + "_copies.py",
        '    reason = damage_of(path) if path.is_file() and path.stat().st_size else ""',
        '    reason = ""',
    ),
    Removal(
        "tests/sqlite/test_copies.py::test_without_a_copy_it_begins_empty_and_read_only",
        SQLITE + "_database.py",
        "        if self.refusal and not always:",
        "        if self.refusal and always:",
    ),
    Removal(
        "tests/architecture/test_distributions.py::test_declared_dependencies_are_the_imported_ones",
        "packages/aniworld-http/pyproject.toml",
        '    "pyjwt',
        '    "pyjwt-not',
    ),
    # What a manifest could unfold to: T6
    *(
        Removal(_SMALL, PROVIDERS + "transfer/" + file, old, new, case)
        for case, file, old, new in (
            (
                "many keys",
                "manifests/hls/tags.py",
                '        _require(len(before) + 1, MAX_KEYS, "too_many_keys")\n',
                "",
            ),
            (
                "many renditions",
                "manifests/hls/tags.py",
                "        _require(len(self.found.renditions), MAX_VARIANTS,"
                ' "too_many_renditions")\n',
                "",
            ),
            (
                "many lines",
                "manifests/hls/tags.py",
                'if body.count("\\n") + body.count("\\r") > MAX_LINES:',
                "if not body:",
            ),
            (
                "many attributes",
                "manifests/hls/tags.py",
                "for _ in range(MAX_ATTRIBUTES):",
                "for _ in listed:",
            ),
            (
                "many elements",
                "../../../../aniworld-core/src/aniworld_core/documents/xml_text.py",
                "if self._count > self._limits.elements:",
                "if self._count < 0:",
            ),
            (
                "deep nesting",
                "../../../../aniworld-core/src/aniworld_core/documents/xml_text.py",
                "if self._depth > self._limits.depth:",
                "if self._depth < 0:",
            ),
            (
                "entities",
                "../../../../aniworld-core/src/aniworld_core/documents/xml_text.py",
                'raise XmlError(Message("xml_document_type"))',
                "return",
            ),
            (
                "many repeats",
                "manifests/dash/segments.py",
                "    if count > MAX_SEGMENTS:",
                "    if count < 0:",
            ),
            (
                "a number of a million digits",
                "manifests/dash/segments.py",
                "if digits is not None and (len(digits) > 3 or int(digits) > MAX_DIGITS):",
                "if digits is not None and not digits:",
            ),
            (
                "many numbers with many digits",
                "links.py",
                "        if self._left < 0:",
                "        if not url:",
            ),
            (
                "a long base of many links",
                "links.py",
                "    if len(base) > MAX_LINK or len(reference) > MAX_LINK:",
                "    if not base:",
            ),
        )
    ),
    # What each of two limits on half-open connections does, and all of them together: T23
    Removal(
        _SLOW + "test_hundreds_of_half_open_connections_delay_no_request",
        HTTP + "security/connections.py",
        "        closed = self._abort_all(self._late(Stage.INCOMPLETE, now - HEADER_SECONDS))",
        "        return int(now * 0)\n        closed = 0",
    ),
    Removal(
        _SLOW + "test_the_owner_gets_in_during_a_flood_from_the_same_address",
        HTTP + "security/connections.py",
        "        if len(self._guards) > self.capacity:",
        "        if len(self._guards) < 0:",
    ),
    Removal(
        "tests/http/security/test_connections.py::test_a_flood_costs_only_its_own_address",
        HTTP + "security/connections.py",
        "        if len(self._guards) > self.capacity:",
        "        if len(self._guards) < 0:",
    ),
    Removal(
        "tests/http/security/test_connections.py::"
        "test_without_descriptors_idle_connections_are_closed_and_accepting_pauses",
        HTTP + "lifespan/accepting.py",
        "        closed = self._connections.make_room(_CLOSED_FOR_ROOM)",
        "        closed = 0",
    ),
    Removal(
        "tests/http/security/test_connections.py::"
        "test_without_descriptors_idle_connections_are_closed_and_accepting_pauses",
        HTTP + "lifespan/accepting.py",
        "        pause = _PAUSES.delay(self._failures).total_seconds()",
        "        pause = 0.0",
    ),
    Removal(
        "tests/http/security/test_connections.py::test_incomplete_headers_are_bounded_per_address",
        HTTP + "security/connections.py",
        "            closed += self._abort_all(_excess(settled, counts, bound))",
        "            del settled, counts",
    ),
    Removal(
        "tests/http/security/test_connections.py::test_idle_connections_of_one_address_are_bounded",
        HTTP + "security/connections.py",
        "            closed += self._abort_all(_excess(settled, counts, bound))",
        "            del settled, counts",
    ),
    Removal(
        "tests/http/security/test_connections.py::test_incomplete_headers_are_bounded_in_all",
        HTTP + "security/connections.py",
        "        if self.incomplete > MAX_INCOMPLETE:",
        "        if self.incomplete < 0:",
    ),
    # The lenient parser that aiohttp falls back to, and bodies that it unpacks: T24
    Removal(
        _FRAMING + "test_ambiguous_requests_are_refused_and_the_connection_is_closed",
        HTTP + "lifespan/server.py",
        "    _require_fast_parser()\n",
        "    from aiohttp import http_parser, web_protocol\n\n"
        "    web_protocol.HttpRequestParser = http_parser.HttpRequestParserPy\n",
    ),
    # Who needs no code for the first password: a local connection, a forwarded one
    Removal(
        _AUTH + "test_the_first_password_needs_the_code_from_everywhere",
        HTTP + "routes/access/signing_in.py",
        "setting_up(body.code):",
        "setting_up(\n            request.app[SETUP_CODE].value"
        ' if request.remote == "127.0.0.1" else body.code\n        ):',
    ),
    *(
        Removal(
            _AUTH + "test_the_first_password_needs_the_code_from_everywhere",
            HTTP + "routes/access/signing_in.py",
            "setting_up(body.code):",
            "setting_up(\n            request.app[SETUP_CODE].value"
            f' if "{header}" in request.headers else body.code\n        ):',
            case,
        )
        for header, case in (
            ("X-Forwarded-For", "headers1"),
            ("Origin", "headers2"),
            ("Sec-Fetch-Site", "headers3"),
            ("Via", "headers4"),
        )
    ),
)

#: Named tests without a removal, each with the reason.
WITHOUT: Final = {
    "tests/providers/test_hostile_texts.py::test_work_grows_no_faster_than_the_text": (
        "every reader is linear by itself; `test_no_expression_reads_a_text_twice` has a removal"
    ),
    "tests/providers/transfer/manifests/test_growth.py::test_reading_grows_with_the_text": (
        "every reader is linear by itself; `test_small_manifests_are_little_work` has a removal "
        "for each limit"
    ),
    "tests/core/application/library/changes/test_kill_changes.py::"
    "test_kills_lose_and_double_nothing": (
        "it kills at random instants; "
        "`test_a_kill_at_any_step_is_completed_at_the_next_start` has a removal"
    ),
    "tests/e2e/test_full_disk.py::test_a_full_data_folder_is_said_and_gets_over": (
        "it needs a disk of its own, which only root may mount; the defence is the whole error "
        "mapping of the adapters"
    ),
    _FRAMING + "test_valid_requests_end_at_their_declared_length": (
        "it shows what the parser of aiohttp must not refuse; both of its parsers read that alike"
    ),
    "tests/e2e/pages/test_hostile.py::test_hostile_texts_are_shown_as_text": (
        "it needs a browser; `test_scripts_make_no_markup_out_of_data` has the removal"
    ),
}
