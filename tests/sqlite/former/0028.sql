BEGIN TRANSACTION;
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
INSERT INTO "alembic_version" VALUES('0028');
CREATE TABLE anime_series (
	id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	name TEXT NOT NULL, 
	name_folded TEXT NOT NULL, 
	site TEXT NOT NULL, 
	provider TEXT NOT NULL, 
	provider_ref TEXT NOT NULL, 
	catalogue_key TEXT, 
	folder TEXT NOT NULL, 
	link TEXT NOT NULL, 
	description TEXT NOT NULL, 
	year INTEGER, 
	end_year INTEGER, 
	genres TEXT NOT NULL, 
	alternative_titles TEXT NOT NULL, 
	cover_url TEXT, 
	monitored BOOLEAN NOT NULL, 
	languages TEXT, 
	quality TEXT, 
	created_at DATETIME, 
	updated_at DATETIME, 
	deleted_at DATETIME, 
	unwanted_seasons TEXT DEFAULT '[]' NOT NULL, 
	other_folders TEXT DEFAULT '[]' NOT NULL, 
	external_ids TEXT DEFAULT '[]' NOT NULL, 
	parts TEXT DEFAULT '[]' NOT NULL, 
	list_rules TEXT, 
	name_sorted TEXT DEFAULT '' NOT NULL, 
	search_text TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE ("key")
);
INSERT INTO "anime_series" VALUES(1,'attack-on-titan','Attack On Titan','attack on titan','example.org','example','',NULL,'Attack On Titan','https://example.org/series/attack-on-titan','',NULL,NULL,'[]','[]',NULL,1,NULL,NULL,NULL,NULL,NULL,'[]','[]','[]','[]',NULL,'attack on titan','attack on titan');
CREATE TABLE api_key (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	scope TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	last_used_at DATETIME, 
	user TEXT DEFAULT 'master' NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (digest)
);
INSERT INTO "api_key" VALUES('key-1','phone','read','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1','2026-01-01 12:00:00.000000',NULL,'master');
CREATE TABLE bulk_job (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	action TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	actor_name TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	status TEXT NOT NULL, 
	total INTEGER NOT NULL, 
	done INTEGER NOT NULL, 
	changed INTEGER NOT NULL, 
	failed INTEGER NOT NULL, 
	kept INTEGER NOT NULL, 
	episodes INTEGER NOT NULL, 
	reason TEXT, 
	is_cancelled BOOLEAN DEFAULT 0 NOT NULL
);
CREATE TABLE bulk_job_step (
	job_id INTEGER NOT NULL, 
	series_key TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	note TEXT NOT NULL, 
	reason TEXT, 
	PRIMARY KEY (job_id, series_key), 
	FOREIGN KEY(job_id) REFERENCES bulk_job (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE download_hour (
	hour DATETIME NOT NULL, 
	hoster TEXT NOT NULL, 
	language TEXT NOT NULL, 
	completed INTEGER NOT NULL, 
	upgraded INTEGER NOT NULL, 
	failed INTEGER NOT NULL, 
	bytes INTEGER NOT NULL, 
	timed_bytes INTEGER NOT NULL, 
	seconds FLOAT NOT NULL, 
	PRIMARY KEY (hour, hoster, language)
)
 WITHOUT ROWID

;
CREATE TABLE download_queue_item (
	id TEXT NOT NULL, 
	series_id INTEGER, 
	serie_id TEXT NOT NULL, 
	serie_folder TEXT, 
	serie_name TEXT, 
	season INTEGER NOT NULL, 
	episode INTEGER NOT NULL, 
	status TEXT NOT NULL, 
	priority INTEGER NOT NULL, 
	place INTEGER NOT NULL, 
	not_before DATETIME, 
	languages TEXT, 
	quality TEXT, 
	claim_worker TEXT, 
	claim_at DATETIME, 
	claim_expires_at DATETIME, 
	progress_percent FLOAT NOT NULL, 
	downloaded_bytes INTEGER NOT NULL, 
	total_bytes INTEGER, 
	rate FLOAT NOT NULL, 
	fraction FLOAT, 
	phase TEXT NOT NULL, 
	error TEXT, 
	error_kind TEXT, 
	error_category TEXT, 
	error_retryable BOOLEAN, 
	error_link TEXT, 
	retry_count INTEGER NOT NULL, 
	language TEXT, 
	provider TEXT NOT NULL, 
	hoster TEXT NOT NULL, 
	file_path TEXT, 
	added_at DATETIME NOT NULL, 
	started_at DATETIME, 
	completed_at DATETIME, 
	revision INTEGER NOT NULL, 
	replaces BOOLEAN DEFAULT 0 NOT NULL, 
	error_values TEXT, 
	is_open BOOLEAN DEFAULT 0 NOT NULL, 
	is_ready BOOLEAN DEFAULT 0 NOT NULL, 
	waits_until DATETIME, 
	notices TEXT DEFAULT '[]' NOT NULL, 
	reason TEXT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(series_id) REFERENCES anime_series (id) ON DELETE SET NULL
);
INSERT INTO "download_queue_item" VALUES('00000000-0000-0000-0000-000000000001',1,'attack-on-titan','Attack On Titan','Attack On Titan',1,1,'pending',1,0,NULL,NULL,NULL,NULL,NULL,NULL,0.0,0,NULL,0.0,NULL,'fetching',NULL,NULL,NULL,NULL,NULL,0,NULL,'','',NULL,'2026-01-01 12:00:01.000000',NULL,NULL,0,0,NULL,1,1,NULL,'[]',NULL);
INSERT INTO "download_queue_item" VALUES('00000000-0000-0000-0000-000000000002',1,'attack-on-titan','Attack On Titan','Attack On Titan',1,2,'pending',1,0,NULL,NULL,NULL,NULL,NULL,NULL,0.0,0,NULL,0.0,NULL,'fetching',NULL,NULL,NULL,NULL,NULL,0,NULL,'','',NULL,'2026-01-01 12:00:02.000000',NULL,NULL,0,0,NULL,1,1,NULL,'[]',NULL);
INSERT INTO "download_queue_item" VALUES('00000000-0000-0000-0000-000000000003',1,'attack-on-titan','Attack On Titan','Attack On Titan',1,3,'pending',1,0,NULL,NULL,NULL,NULL,NULL,NULL,0.0,0,NULL,0.0,NULL,'fetching',NULL,NULL,NULL,NULL,NULL,0,NULL,'','',NULL,'2026-01-01 12:00:03.000000',NULL,NULL,0,0,NULL,1,1,NULL,'[]',NULL);
CREATE TABLE episodes (
	id INTEGER NOT NULL, 
	series_id INTEGER NOT NULL, 
	season INTEGER NOT NULL, 
	episode_number INTEGER NOT NULL, 
	last_number INTEGER, 
	title TEXT, 
	title_de TEXT, 
	title_en TEXT, 
	languages TEXT, 
	available BOOLEAN NOT NULL, 
	is_downloaded BOOLEAN NOT NULL, 
	file_path TEXT, 
	file_language TEXT, 
	created_at DATETIME, 
	updated_at DATETIME, 
	wanted BOOLEAN DEFAULT 1 NOT NULL, 
	unavailable TEXT, 
	link TEXT, 
	catalogue_id TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (series_id, season, episode_number), 
	FOREIGN KEY(series_id) REFERENCES anime_series (id) ON DELETE CASCADE
);
INSERT INTO "episodes" VALUES(1,1,1,1,NULL,NULL,NULL,NULL,NULL,1,0,NULL,NULL,NULL,NULL,1,NULL,NULL,'');
INSERT INTO "episodes" VALUES(2,1,1,2,NULL,NULL,NULL,NULL,NULL,1,0,NULL,NULL,NULL,NULL,1,NULL,NULL,'');
INSERT INTO "episodes" VALUES(3,1,1,3,NULL,NULL,NULL,NULL,NULL,1,0,NULL,NULL,NULL,NULL,1,NULL,NULL,'');
CREATE TABLE history (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	kind TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	actor TEXT NOT NULL, 
	actor_name TEXT NOT NULL, 
	title TEXT NOT NULL, 
	series_key TEXT, 
	season INTEGER, 
	number INTEGER, 
	detail TEXT, 
	file TEXT, 
	change_id INTEGER, 
	change_origin TEXT, 
	folded TEXT NOT NULL, 
	job_id INTEGER
);
CREATE TABLE library_change (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	origin TEXT NOT NULL, 
	title TEXT NOT NULL, 
	status TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	reason TEXT, 
	undoes INTEGER, 
	effects TEXT NOT NULL
);
CREATE TABLE library_change_step (
	change_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	source TEXT NOT NULL, 
	target TEXT NOT NULL, 
	size INTEGER, 
	modified_ns INTEGER, 
	content BLOB, 
	"temporary" TEXT NOT NULL, 
	undo_bin TEXT NOT NULL, 
	state TEXT NOT NULL, 
	result_size INTEGER, 
	result_modified_ns INTEGER, 
	PRIMARY KEY (change_id, number), 
	FOREIGN KEY(change_id) REFERENCES library_change (id) ON DELETE CASCADE
);
CREATE TABLE library_deletion (
	series_key TEXT NOT NULL, 
	season INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	path TEXT NOT NULL, 
	noted_at DATETIME NOT NULL, 
	PRIMARY KEY (series_key, season, number)
);
CREATE TABLE library_file (
	path TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	modified_ns INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	series_key TEXT, 
	season INTEGER, 
	numbers TEXT NOT NULL, 
	reason TEXT, 
	fingerprint TEXT NOT NULL, 
	pinned BOOLEAN NOT NULL, 
	facts TEXT, 
	linked BOOLEAN DEFAULT 0 NOT NULL, 
	PRIMARY KEY (path)
)
 WITHOUT ROWID

;
CREATE TABLE library_folder (
	path TEXT NOT NULL, 
	series_key TEXT, 
	stamp TEXT NOT NULL, 
	PRIMARY KEY (path)
)
 WITHOUT ROWID

;
CREATE TABLE library_loss (
	path TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	lost INTEGER NOT NULL, 
	known INTEGER NOT NULL, 
	noted_at DATETIME NOT NULL, 
	PRIMARY KEY (path)
);
CREATE TABLE library_size (
	day DATE NOT NULL, 
	series INTEGER NOT NULL, 
	episodes INTEGER NOT NULL, 
	missing INTEGER NOT NULL, 
	bytes INTEGER NOT NULL, 
	PRIMARY KEY (day)
);
CREATE TABLE queue_change (
	sequence INTEGER NOT NULL, 
	item_id TEXT NOT NULL, 
	status_before TEXT, 
	PRIMARY KEY (sequence)
);
INSERT INTO "queue_change" VALUES(1,'00000000-0000-0000-0000-000000000001',NULL);
INSERT INTO "queue_change" VALUES(2,'00000000-0000-0000-0000-000000000002',NULL);
INSERT INTO "queue_change" VALUES(3,'00000000-0000-0000-0000-000000000003',NULL);
CREATE TABLE queue_control (
	id INTEGER NOT NULL, 
	is_stopped BOOLEAN NOT NULL, 
	is_paused BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT only_control CHECK (id = 1)
);
CREATE TABLE queue_total (
	status TEXT NOT NULL, 
	items INTEGER NOT NULL, 
	downloaded_bytes INTEGER NOT NULL, 
	PRIMARY KEY (status)
);
INSERT INTO "queue_total" VALUES('pending',3,0);
CREATE TABLE scan_note (
	id INTEGER NOT NULL, 
	process TEXT NOT NULL, 
	scan_id TEXT NOT NULL, 
	status TEXT NOT NULL, 
	started_at DATETIME NOT NULL, 
	noted_at DATETIME NOT NULL, 
	done INTEGER NOT NULL, 
	total INTEGER NOT NULL, 
	"key" TEXT, 
	folder TEXT, 
	series INTEGER NOT NULL, 
	files INTEGER NOT NULL, 
	missing INTEGER NOT NULL, 
	error TEXT, 
	error_kind TEXT, 
	error_category TEXT, 
	error_retryable BOOLEAN, 
	error_link TEXT, 
	error_values TEXT, 
	PRIMARY KEY (id), 
	CONSTRAINT only_note CHECK (id = 1)
);
CREATE TABLE schedule_state (
	id INTEGER NOT NULL, 
	last_run DATETIME, 
	last_result TEXT NOT NULL, 
	holder TEXT NOT NULL, 
	held_until DATETIME, 
	last_result_message TEXT, 
	PRIMARY KEY (id), 
	CONSTRAINT only_row CHECK (id = 1)
);
INSERT INTO "schedule_state" VALUES(1,'2026-01-01 12:00:00.000000','','scan','2026-01-01 12:01:00.000000',NULL);
CREATE TABLE series_metadata (
	series_key TEXT NOT NULL, 
	source TEXT NOT NULL, 
	chosen BOOLEAN NOT NULL, 
	fetched_at DATETIME NOT NULL, 
	entry TEXT NOT NULL, 
	details TEXT, 
	PRIMARY KEY (series_key, source)
);
CREATE TABLE source_score (
	provider TEXT NOT NULL, 
	hoster TEXT NOT NULL, 
	language TEXT NOT NULL, 
	tries INTEGER NOT NULL, 
	successes INTEGER NOT NULL, 
	rate FLOAT NOT NULL, 
	last_failure TEXT NOT NULL, 
	last_failed_at DATETIME, 
	last_succeeded_at DATETIME, 
	PRIMARY KEY (provider, hoster, language)
);
INSERT INTO "source_score" VALUES('p','h','',0,0,0.0,'',NULL,NULL);
CREATE TABLE task_run (
	name TEXT NOT NULL, 
	started_at DATETIME NOT NULL, 
	holder TEXT NOT NULL, 
	held_until DATETIME, 
	finished_at DATETIME, 
	seconds FLOAT, 
	outcome TEXT, 
	result TEXT, 
	PRIMARY KEY (name)
)
 WITHOUT ROWID

;
CREATE TABLE tried_again (
	name TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (name)
)
 WITHOUT ROWID

;
CREATE TABLE user_account (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	folded_name TEXT NOT NULL, 
	role TEXT NOT NULL, 
	password_hash TEXT, 
	language TEXT, 
	is_disabled BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	revision INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (folded_name)
);
CREATE TABLE user_session (
	id TEXT NOT NULL, 
	user TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	PRIMARY KEY (id)
);
INSERT INTO "user_session" VALUES('session-1','master','2026-01-01 12:00:00.000000','2026-01-02 12:00:00.000000',NULL);
CREATE TABLE version_seen (
	series_key TEXT NOT NULL, 
	season INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	language TEXT NOT NULL, 
	seen_at DATETIME NOT NULL, 
	is_first BOOLEAN NOT NULL, 
	PRIMARY KEY (series_key, season, number, language)
)
 WITHOUT ROWID

;
CREATE INDEX ix_history_kind ON history (kind, id);
CREATE INDEX ix_history_series ON history (series_key, id);
CREATE INDEX ix_library_file_fingerprint ON library_file (fingerprint) WHERE fingerprint != '';
CREATE INDEX ix_library_file_state ON library_file (state, path) WHERE state != 'present';
CREATE INDEX ix_library_file_series ON library_file (series_key);
CREATE INDEX ix_library_change_unfinished ON library_change (id) WHERE status IN ('running', 'stuck');
CREATE INDEX ix_library_change_undoes ON library_change (undoes) WHERE undoes IS NOT NULL;
CREATE UNIQUE INDEX uq_download_queue_item_open_episode ON download_queue_item (serie_id, season, episode) WHERE is_open = 1;
CREATE INDEX ix_download_queue_item_newest ON download_queue_item (status, completed_at DESC, id DESC);
CREATE INDEX ix_download_queue_item_series ON download_queue_item (serie_id, status, priority DESC, place, added_at, id);
CREATE INDEX ix_download_queue_item_order ON download_queue_item (status, priority DESC, place, added_at, id);
CREATE INDEX ix_download_queue_item_waiting ON download_queue_item (waits_until) WHERE waits_until IS NOT NULL;
CREATE INDEX ix_download_queue_item_ready ON download_queue_item (priority DESC, place, added_at, id) WHERE is_ready = 1;
CREATE INDEX ix_bulk_job_step_state ON bulk_job_step (job_id, state, number);
CREATE TRIGGER queue_total_added AFTER INSERT ON download_queue_item BEGIN
        INSERT INTO queue_total (status, items, downloaded_bytes)
            VALUES (new.status, 1, new.downloaded_bytes)
            ON CONFLICT (status) DO UPDATE SET
                items = items + 1, downloaded_bytes = downloaded_bytes + new.downloaded_bytes;
    END;
CREATE TRIGGER queue_total_removed AFTER DELETE ON download_queue_item BEGIN
        UPDATE queue_total SET
            items = items - 1, downloaded_bytes = downloaded_bytes - old.downloaded_bytes
            WHERE status = old.status;
    END;
CREATE TRIGGER queue_total_changed
        AFTER UPDATE OF status, downloaded_bytes ON download_queue_item BEGIN
        UPDATE queue_total SET
            items = items - 1, downloaded_bytes = downloaded_bytes - old.downloaded_bytes
            WHERE status = old.status;
        INSERT INTO queue_total (status, items, downloaded_bytes)
            VALUES (new.status, 1, new.downloaded_bytes)
            ON CONFLICT (status) DO UPDATE SET
                items = items + 1, downloaded_bytes = downloaded_bytes + new.downloaded_bytes;
    END;
CREATE TRIGGER queue_change_added AFTER INSERT ON download_queue_item BEGIN
        INSERT INTO queue_change (item_id, status_before) VALUES (new.id, NULL);
    END;
CREATE TRIGGER queue_change_removed AFTER DELETE ON download_queue_item BEGIN
        INSERT INTO queue_change (item_id, status_before) VALUES (old.id, old.status);
    END;
CREATE TRIGGER queue_change_changed
        AFTER UPDATE OF revision ON download_queue_item BEGIN
        INSERT INTO queue_change (item_id, status_before) VALUES (new.id, old.status);
    END;
CREATE TRIGGER queue_change_bounded AFTER INSERT ON queue_change BEGIN
        DELETE FROM queue_change WHERE sequence <= new.sequence - 1000;
    END;
DELETE FROM "sqlite_sequence";
COMMIT;
