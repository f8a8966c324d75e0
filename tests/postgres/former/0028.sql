SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
CREATE FUNCTION public.aniworld_add_total(state text, count bigint, size bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        UPDATE queue_total SET items = items + count, downloaded_bytes = downloaded_bytes + size
            WHERE status = state;
        IF NOT FOUND THEN
            INSERT INTO queue_total (status, items, downloaded_bytes) VALUES (state, count, size);
        END IF;
    END $$;
CREATE FUNCTION public.aniworld_casefold(value text) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$ SELECT replace(lower(value COLLATE "und-x-icu"), 'ß', 'ss') $$;
CREATE FUNCTION public.aniworld_count_item() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF TG_OP <> 'INSERT' THEN
            PERFORM aniworld_add_total(old.status, -1, -old.downloaded_bytes);
        END IF;
        IF TG_OP <> 'DELETE' THEN
            PERFORM aniworld_add_total(new.status, 1, new.downloaded_bytes);
        END IF;
        RETURN NULL;
    END $$;
CREATE FUNCTION public.aniworld_log_item() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            PERFORM aniworld_note_change(new.id, NULL);
        ELSE
            PERFORM aniworld_note_change(old.id, old.status);
        END IF;
        RETURN NULL;
    END $$;
CREATE FUNCTION public.aniworld_note_change(item text, former text) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        newest bigint := (SELECT coalesce(max(sequence), 0) + 1 FROM queue_change);
    BEGIN
        INSERT INTO queue_change (sequence, item_id, status_before) VALUES (newest, item, former);
        DELETE FROM queue_change WHERE sequence <= newest - 1000;
    END $$;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.anime_series (
    id bigint NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    name_folded text NOT NULL COLLATE pg_catalog."C",
    site text NOT NULL COLLATE pg_catalog."C",
    provider text NOT NULL COLLATE pg_catalog."C",
    provider_ref text NOT NULL COLLATE pg_catalog."C",
    catalogue_key text COLLATE pg_catalog."C",
    folder text NOT NULL COLLATE pg_catalog."C",
    link text NOT NULL COLLATE pg_catalog."C",
    description text NOT NULL COLLATE pg_catalog."C",
    year bigint,
    end_year bigint,
    genres text NOT NULL,
    alternative_titles text NOT NULL,
    cover_url text COLLATE pg_catalog."C",
    monitored boolean NOT NULL,
    languages text,
    quality text COLLATE pg_catalog."C",
    created_at timestamp without time zone,
    updated_at timestamp without time zone,
    deleted_at timestamp without time zone,
    unwanted_seasons text DEFAULT '[]'::text NOT NULL,
    other_folders text DEFAULT '[]'::text NOT NULL,
    external_ids text DEFAULT '[]'::text NOT NULL,
    parts text DEFAULT '[]'::text NOT NULL,
    list_rules text,
    name_sorted text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    search_text text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C"
);
CREATE SEQUENCE public.anime_series_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.anime_series_id_seq OWNED BY public.anime_series.id;
CREATE TABLE public.api_key (
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    scope text NOT NULL COLLATE pg_catalog."C",
    digest text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp without time zone NOT NULL,
    last_used_at timestamp without time zone,
    "user" text DEFAULT 'master'::text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.bulk_job (
    id bigint NOT NULL,
    action text NOT NULL,
    actor text NOT NULL COLLATE pg_catalog."C",
    actor_name text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp without time zone NOT NULL,
    finished_at timestamp without time zone,
    status text NOT NULL COLLATE pg_catalog."C",
    total bigint NOT NULL,
    done bigint NOT NULL,
    changed bigint NOT NULL,
    failed bigint NOT NULL,
    kept bigint NOT NULL,
    episodes bigint NOT NULL,
    reason text,
    is_cancelled boolean DEFAULT false NOT NULL
);
CREATE SEQUENCE public.bulk_job_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.bulk_job_id_seq OWNED BY public.bulk_job.id;
CREATE TABLE public.bulk_job_step (
    job_id bigint NOT NULL,
    series_key text NOT NULL COLLATE pg_catalog."C",
    number bigint NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    note text NOT NULL,
    reason text
);
CREATE TABLE public.download_hour (
    hour timestamp without time zone NOT NULL,
    hoster text NOT NULL COLLATE pg_catalog."C",
    language text NOT NULL COLLATE pg_catalog."C",
    completed bigint NOT NULL,
    upgraded bigint NOT NULL,
    failed bigint NOT NULL,
    bytes bigint NOT NULL,
    timed_bytes bigint NOT NULL,
    seconds double precision NOT NULL
);
CREATE TABLE public.download_queue_item (
    id text NOT NULL COLLATE pg_catalog."C",
    series_id bigint,
    serie_id text NOT NULL COLLATE pg_catalog."C",
    serie_folder text COLLATE pg_catalog."C",
    serie_name text COLLATE pg_catalog."C",
    season bigint NOT NULL,
    episode bigint NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    priority bigint NOT NULL,
    place bigint NOT NULL,
    not_before timestamp without time zone,
    languages text,
    quality text COLLATE pg_catalog."C",
    claim_worker text COLLATE pg_catalog."C",
    claim_at timestamp without time zone,
    claim_expires_at timestamp without time zone,
    progress_percent double precision NOT NULL,
    downloaded_bytes bigint NOT NULL,
    total_bytes bigint,
    rate double precision NOT NULL,
    fraction double precision,
    phase text NOT NULL COLLATE pg_catalog."C",
    error text COLLATE pg_catalog."C",
    error_kind text COLLATE pg_catalog."C",
    error_category text COLLATE pg_catalog."C",
    error_retryable boolean,
    error_link text COLLATE pg_catalog."C",
    retry_count bigint NOT NULL,
    language text COLLATE pg_catalog."C",
    provider text NOT NULL COLLATE pg_catalog."C",
    hoster text NOT NULL COLLATE pg_catalog."C",
    file_path text COLLATE pg_catalog."C",
    added_at timestamp without time zone NOT NULL,
    started_at timestamp without time zone,
    completed_at timestamp without time zone,
    revision bigint NOT NULL,
    replaces boolean DEFAULT false NOT NULL,
    error_values text,
    is_open boolean DEFAULT false NOT NULL,
    is_ready boolean DEFAULT false NOT NULL,
    waits_until timestamp without time zone,
    notices text DEFAULT '[]'::text NOT NULL,
    reason text
);
CREATE TABLE public.episodes (
    id bigint NOT NULL,
    series_id bigint NOT NULL,
    season bigint NOT NULL,
    episode_number bigint NOT NULL,
    last_number bigint,
    title text COLLATE pg_catalog."C",
    title_de text COLLATE pg_catalog."C",
    title_en text COLLATE pg_catalog."C",
    languages text,
    available boolean NOT NULL,
    is_downloaded boolean NOT NULL,
    file_path text COLLATE pg_catalog."C",
    file_language text COLLATE pg_catalog."C",
    created_at timestamp without time zone,
    updated_at timestamp without time zone,
    wanted boolean DEFAULT true NOT NULL,
    unavailable text,
    link text COLLATE pg_catalog."C",
    catalogue_id text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C"
);
CREATE SEQUENCE public.episodes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.episodes_id_seq OWNED BY public.episodes.id;
CREATE TABLE public.history (
    id bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    at timestamp without time zone NOT NULL,
    actor text NOT NULL COLLATE pg_catalog."C",
    actor_name text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL COLLATE pg_catalog."C",
    series_key text COLLATE pg_catalog."C",
    season bigint,
    number bigint,
    detail text,
    file text COLLATE pg_catalog."C",
    change_id bigint,
    change_origin text COLLATE pg_catalog."C",
    folded text NOT NULL COLLATE pg_catalog."C",
    job_id bigint
);
CREATE SEQUENCE public.history_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.history_id_seq OWNED BY public.history.id;
CREATE TABLE public.library_change (
    id bigint NOT NULL,
    origin text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL COLLATE pg_catalog."C",
    status text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp without time zone NOT NULL,
    finished_at timestamp without time zone,
    reason text,
    undoes bigint,
    effects text NOT NULL
);
CREATE SEQUENCE public.library_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.library_change_id_seq OWNED BY public.library_change.id;
CREATE TABLE public.library_change_step (
    change_id bigint NOT NULL,
    number bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    source text NOT NULL COLLATE pg_catalog."C",
    target text NOT NULL COLLATE pg_catalog."C",
    size bigint,
    modified_ns bigint,
    content bytea,
    temporary text NOT NULL COLLATE pg_catalog."C",
    undo_bin text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    result_size bigint,
    result_modified_ns bigint
);
CREATE TABLE public.library_deletion (
    series_key text NOT NULL COLLATE pg_catalog."C",
    season bigint NOT NULL,
    number bigint NOT NULL,
    path text NOT NULL COLLATE pg_catalog."C",
    noted_at timestamp without time zone NOT NULL
);
CREATE TABLE public.library_file (
    path text NOT NULL COLLATE pg_catalog."C",
    size bigint NOT NULL,
    modified_ns bigint NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    series_key text COLLATE pg_catalog."C",
    season bigint,
    numbers text NOT NULL COLLATE pg_catalog."C",
    reason text,
    fingerprint text NOT NULL COLLATE pg_catalog."C",
    pinned boolean NOT NULL,
    facts text,
    linked boolean DEFAULT false NOT NULL
);
CREATE TABLE public.library_folder (
    path text NOT NULL COLLATE pg_catalog."C",
    series_key text COLLATE pg_catalog."C",
    stamp text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.library_loss (
    path text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL,
    lost bigint NOT NULL,
    known bigint NOT NULL,
    noted_at timestamp without time zone NOT NULL
);
CREATE TABLE public.library_size (
    day date NOT NULL,
    series bigint NOT NULL,
    episodes bigint NOT NULL,
    missing bigint NOT NULL,
    bytes bigint NOT NULL
);
CREATE TABLE public.queue_change (
    sequence bigint NOT NULL,
    item_id text NOT NULL COLLATE pg_catalog."C",
    status_before text COLLATE pg_catalog."C"
);
CREATE SEQUENCE public.queue_change_sequence_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.queue_change_sequence_seq OWNED BY public.queue_change.sequence;
CREATE TABLE public.queue_control (
    id bigint NOT NULL,
    is_stopped boolean NOT NULL,
    is_paused boolean NOT NULL,
    CONSTRAINT only_control CHECK ((id = 1))
);
CREATE SEQUENCE public.queue_control_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.queue_control_id_seq OWNED BY public.queue_control.id;
CREATE TABLE public.queue_total (
    status text NOT NULL COLLATE pg_catalog."C",
    items bigint NOT NULL,
    downloaded_bytes bigint NOT NULL
);
CREATE TABLE public.scan_note (
    id bigint NOT NULL,
    process text NOT NULL COLLATE pg_catalog."C",
    scan_id text NOT NULL COLLATE pg_catalog."C",
    status text NOT NULL COLLATE pg_catalog."C",
    started_at timestamp without time zone NOT NULL,
    noted_at timestamp without time zone NOT NULL,
    done bigint NOT NULL,
    total bigint NOT NULL,
    key text COLLATE pg_catalog."C",
    folder text COLLATE pg_catalog."C",
    series bigint NOT NULL,
    files bigint NOT NULL,
    missing bigint NOT NULL,
    error text COLLATE pg_catalog."C",
    error_kind text COLLATE pg_catalog."C",
    error_category text COLLATE pg_catalog."C",
    error_retryable boolean,
    error_link text COLLATE pg_catalog."C",
    error_values text,
    CONSTRAINT only_note CHECK ((id = 1))
);
CREATE SEQUENCE public.scan_note_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.scan_note_id_seq OWNED BY public.scan_note.id;
CREATE TABLE public.schedule_state (
    id bigint NOT NULL,
    last_run timestamp without time zone,
    last_result text NOT NULL COLLATE pg_catalog."C",
    holder text NOT NULL COLLATE pg_catalog."C",
    held_until timestamp without time zone,
    last_result_message text,
    CONSTRAINT only_row CHECK ((id = 1))
);
CREATE SEQUENCE public.schedule_state_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.schedule_state_id_seq OWNED BY public.schedule_state.id;
CREATE TABLE public.series_metadata (
    series_key text NOT NULL COLLATE pg_catalog."C",
    source text NOT NULL COLLATE pg_catalog."C",
    chosen boolean NOT NULL,
    fetched_at timestamp without time zone NOT NULL,
    entry text NOT NULL,
    details text
);
CREATE TABLE public.source_score (
    provider text NOT NULL COLLATE pg_catalog."C",
    hoster text NOT NULL COLLATE pg_catalog."C",
    language text NOT NULL COLLATE pg_catalog."C",
    tries bigint NOT NULL,
    successes bigint NOT NULL,
    rate double precision NOT NULL,
    last_failure text NOT NULL COLLATE pg_catalog."C",
    last_failed_at timestamp without time zone,
    last_succeeded_at timestamp without time zone
);
CREATE TABLE public.task_run (
    name text NOT NULL COLLATE pg_catalog."C",
    started_at timestamp without time zone NOT NULL,
    holder text NOT NULL COLLATE pg_catalog."C",
    held_until timestamp without time zone,
    finished_at timestamp without time zone,
    seconds double precision,
    outcome text COLLATE pg_catalog."C",
    result text
);
CREATE TABLE public.tried_again (
    name text NOT NULL COLLATE pg_catalog."C",
    at timestamp without time zone NOT NULL
);
CREATE TABLE public.user_account (
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    folded_name text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL COLLATE pg_catalog."C",
    password_hash text COLLATE pg_catalog."C",
    language text COLLATE pg_catalog."C",
    is_disabled boolean NOT NULL,
    created_at timestamp without time zone NOT NULL,
    revision bigint NOT NULL
);
CREATE TABLE public.user_session (
    id text NOT NULL COLLATE pg_catalog."C",
    "user" text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp without time zone NOT NULL,
    expires_at timestamp without time zone NOT NULL,
    revoked_at timestamp without time zone
);
CREATE TABLE public.version_seen (
    series_key text NOT NULL COLLATE pg_catalog."C",
    season bigint NOT NULL,
    number bigint NOT NULL,
    language text NOT NULL COLLATE pg_catalog."C",
    seen_at timestamp without time zone NOT NULL,
    is_first boolean NOT NULL
);
ALTER TABLE ONLY public.anime_series ALTER COLUMN id SET DEFAULT nextval('public.anime_series_id_seq'::regclass);
ALTER TABLE ONLY public.bulk_job ALTER COLUMN id SET DEFAULT nextval('public.bulk_job_id_seq'::regclass);
ALTER TABLE ONLY public.episodes ALTER COLUMN id SET DEFAULT nextval('public.episodes_id_seq'::regclass);
ALTER TABLE ONLY public.history ALTER COLUMN id SET DEFAULT nextval('public.history_id_seq'::regclass);
ALTER TABLE ONLY public.library_change ALTER COLUMN id SET DEFAULT nextval('public.library_change_id_seq'::regclass);
ALTER TABLE ONLY public.queue_change ALTER COLUMN sequence SET DEFAULT nextval('public.queue_change_sequence_seq'::regclass);
ALTER TABLE ONLY public.queue_control ALTER COLUMN id SET DEFAULT nextval('public.queue_control_id_seq'::regclass);
ALTER TABLE ONLY public.scan_note ALTER COLUMN id SET DEFAULT nextval('public.scan_note_id_seq'::regclass);
ALTER TABLE ONLY public.schedule_state ALTER COLUMN id SET DEFAULT nextval('public.schedule_state_id_seq'::regclass);
INSERT INTO public.alembic_version VALUES ('0028');
INSERT INTO public.anime_series VALUES (1, 'attack-on-titan', 'Attack On Titan', 'attack on titan', 'example.org', 'example', '', NULL, 'Attack On Titan', 'https://example.org/series/attack-on-titan', '', NULL, NULL, '[]', '[]', NULL, true, NULL, NULL, NULL, NULL, NULL, '[]', '[]', '[]', '[]', NULL, 'attack on titan', 'attack on titan');
INSERT INTO public.api_key VALUES ('key-1', 'phone', 'read', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1', '2026-01-01 12:00:00', NULL, 'master');
INSERT INTO public.download_queue_item VALUES ('00000000-0000-0000-0000-000000000001', 1, 'attack-on-titan', 'Attack On Titan', 'Attack On Titan', 1, 1, 'pending', 1, 0, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL, 0, NULL, 'fetching', NULL, NULL, NULL, NULL, NULL, 0, NULL, '', '', NULL, '2026-01-01 12:00:01', NULL, NULL, 0, false, NULL, true, true, NULL, '[]', NULL);
INSERT INTO public.download_queue_item VALUES ('00000000-0000-0000-0000-000000000002', 1, 'attack-on-titan', 'Attack On Titan', 'Attack On Titan', 1, 2, 'pending', 1, 0, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL, 0, NULL, 'fetching', NULL, NULL, NULL, NULL, NULL, 0, NULL, '', '', NULL, '2026-01-01 12:00:02', NULL, NULL, 0, false, NULL, true, true, NULL, '[]', NULL);
INSERT INTO public.download_queue_item VALUES ('00000000-0000-0000-0000-000000000003', 1, 'attack-on-titan', 'Attack On Titan', 'Attack On Titan', 1, 3, 'pending', 1, 0, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL, 0, NULL, 'fetching', NULL, NULL, NULL, NULL, NULL, 0, NULL, '', '', NULL, '2026-01-01 12:00:03', NULL, NULL, 0, false, NULL, true, true, NULL, '[]', NULL);
INSERT INTO public.episodes VALUES (1, 1, 1, 1, NULL, NULL, NULL, NULL, NULL, true, false, NULL, NULL, NULL, NULL, true, NULL, NULL, '');
INSERT INTO public.episodes VALUES (2, 1, 1, 2, NULL, NULL, NULL, NULL, NULL, true, false, NULL, NULL, NULL, NULL, true, NULL, NULL, '');
INSERT INTO public.episodes VALUES (3, 1, 1, 3, NULL, NULL, NULL, NULL, NULL, true, false, NULL, NULL, NULL, NULL, true, NULL, NULL, '');
INSERT INTO public.queue_change VALUES (1, '00000000-0000-0000-0000-000000000001', NULL);
INSERT INTO public.queue_change VALUES (2, '00000000-0000-0000-0000-000000000002', NULL);
INSERT INTO public.queue_change VALUES (3, '00000000-0000-0000-0000-000000000003', NULL);
INSERT INTO public.queue_control VALUES (1, false, true);
INSERT INTO public.queue_total VALUES ('pending', 3, 0);
INSERT INTO public.schedule_state VALUES (1, '2026-01-01 12:00:00', '', 'scan', '2026-01-01 12:01:00', NULL);
INSERT INTO public.source_score VALUES ('p', 'h', '', 0, 0, 0, '', NULL, NULL);
INSERT INTO public.tried_again VALUES ('', '2026-01-01 12:00:05');
INSERT INTO public.user_session VALUES ('session-1', 'master', '2026-01-01 12:00:00', '2026-01-02 12:00:00', NULL);
SELECT pg_catalog.setval('public.anime_series_id_seq', 1, true);
SELECT pg_catalog.setval('public.bulk_job_id_seq', 1, false);
SELECT pg_catalog.setval('public.episodes_id_seq', 3, true);
SELECT pg_catalog.setval('public.history_id_seq', 1, false);
SELECT pg_catalog.setval('public.library_change_id_seq', 1, false);
SELECT pg_catalog.setval('public.queue_change_sequence_seq', 1, false);
SELECT pg_catalog.setval('public.queue_control_id_seq', 1, false);
SELECT pg_catalog.setval('public.scan_note_id_seq', 1, false);
SELECT pg_catalog.setval('public.schedule_state_id_seq', 1, false);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.anime_series
    ADD CONSTRAINT anime_series_key_key UNIQUE (key);
ALTER TABLE ONLY public.anime_series
    ADD CONSTRAINT anime_series_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.api_key
    ADD CONSTRAINT api_key_digest_key UNIQUE (digest);
ALTER TABLE ONLY public.api_key
    ADD CONSTRAINT api_key_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.bulk_job
    ADD CONSTRAINT bulk_job_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.bulk_job_step
    ADD CONSTRAINT bulk_job_step_pkey PRIMARY KEY (job_id, series_key);
ALTER TABLE ONLY public.download_hour
    ADD CONSTRAINT download_hour_pkey PRIMARY KEY (hour, hoster, language);
ALTER TABLE ONLY public.download_queue_item
    ADD CONSTRAINT download_queue_item_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.episodes
    ADD CONSTRAINT episodes_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.episodes
    ADD CONSTRAINT episodes_series_id_season_episode_number_key UNIQUE (series_id, season, episode_number);
ALTER TABLE ONLY public.history
    ADD CONSTRAINT history_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.library_change
    ADD CONSTRAINT library_change_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.library_change_step
    ADD CONSTRAINT library_change_step_pkey PRIMARY KEY (change_id, number);
ALTER TABLE ONLY public.library_deletion
    ADD CONSTRAINT library_deletion_pkey PRIMARY KEY (series_key, season, number);
ALTER TABLE ONLY public.library_file
    ADD CONSTRAINT library_file_pkey PRIMARY KEY (path);
ALTER TABLE ONLY public.library_folder
    ADD CONSTRAINT library_folder_pkey PRIMARY KEY (path);
ALTER TABLE ONLY public.library_loss
    ADD CONSTRAINT library_loss_pkey PRIMARY KEY (path);
ALTER TABLE ONLY public.library_size
    ADD CONSTRAINT library_size_pkey PRIMARY KEY (day);
ALTER TABLE ONLY public.queue_change
    ADD CONSTRAINT queue_change_pkey PRIMARY KEY (sequence);
ALTER TABLE ONLY public.queue_control
    ADD CONSTRAINT queue_control_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.queue_total
    ADD CONSTRAINT queue_total_pkey PRIMARY KEY (status);
ALTER TABLE ONLY public.scan_note
    ADD CONSTRAINT scan_note_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.schedule_state
    ADD CONSTRAINT schedule_state_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.series_metadata
    ADD CONSTRAINT series_metadata_pkey PRIMARY KEY (series_key, source);
ALTER TABLE ONLY public.source_score
    ADD CONSTRAINT source_score_pkey PRIMARY KEY (provider, hoster, language);
ALTER TABLE ONLY public.task_run
    ADD CONSTRAINT task_run_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.tried_again
    ADD CONSTRAINT tried_again_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.user_account
    ADD CONSTRAINT user_account_folded_name_key UNIQUE (folded_name);
ALTER TABLE ONLY public.user_account
    ADD CONSTRAINT user_account_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.user_session
    ADD CONSTRAINT user_session_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.version_seen
    ADD CONSTRAINT version_seen_pkey PRIMARY KEY (series_key, season, number, language);
CREATE INDEX ix_bulk_job_step_state ON public.bulk_job_step USING btree (job_id, state, number);
CREATE INDEX ix_download_queue_item_newest ON public.download_queue_item USING btree (status, completed_at DESC, id DESC);
CREATE INDEX ix_download_queue_item_order ON public.download_queue_item USING btree (status, priority DESC, place, added_at, id);
CREATE INDEX ix_download_queue_item_ready ON public.download_queue_item USING btree (priority DESC, place, added_at, id) WHERE is_ready;
CREATE INDEX ix_download_queue_item_series ON public.download_queue_item USING btree (serie_id, status, priority DESC, place, added_at, id);
CREATE INDEX ix_download_queue_item_settled ON public.download_queue_item USING btree (status, completed_at DESC NULLS LAST, id DESC);
CREATE INDEX ix_download_queue_item_waiting ON public.download_queue_item USING btree (waits_until) WHERE (waits_until IS NOT NULL);
CREATE INDEX ix_history_kind ON public.history USING btree (kind, id);
CREATE INDEX ix_history_series ON public.history USING btree (series_key, id);
CREATE INDEX ix_library_change_undoes ON public.library_change USING btree (undoes) WHERE (undoes IS NOT NULL);
CREATE INDEX ix_library_change_unfinished ON public.library_change USING btree (id) WHERE (status = ANY (ARRAY['running'::text, 'stuck'::text]));
CREATE INDEX ix_library_file_fingerprint ON public.library_file USING btree (fingerprint) WHERE (fingerprint <> ''::text);
CREATE INDEX ix_library_file_series ON public.library_file USING btree (series_key);
CREATE INDEX ix_library_file_state ON public.library_file USING btree (state, path) WHERE (state <> 'present'::text);
CREATE UNIQUE INDEX uq_download_queue_item_open_episode ON public.download_queue_item USING btree (serie_id, season, episode) WHERE is_open;
CREATE TRIGGER queue_change_logged AFTER INSERT OR DELETE OR UPDATE OF revision ON public.download_queue_item FOR EACH ROW EXECUTE FUNCTION public.aniworld_log_item();
CREATE TRIGGER queue_total_counted AFTER INSERT OR DELETE OR UPDATE OF status, downloaded_bytes ON public.download_queue_item FOR EACH ROW EXECUTE FUNCTION public.aniworld_count_item();
ALTER TABLE ONLY public.bulk_job_step
    ADD CONSTRAINT bulk_job_step_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.bulk_job(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.download_queue_item
    ADD CONSTRAINT download_queue_item_series_id_fkey FOREIGN KEY (series_id) REFERENCES public.anime_series(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.episodes
    ADD CONSTRAINT episodes_series_id_fkey FOREIGN KEY (series_id) REFERENCES public.anime_series(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.library_change_step
    ADD CONSTRAINT library_change_step_change_id_fkey FOREIGN KEY (change_id) REFERENCES public.library_change(id) ON DELETE CASCADE;
