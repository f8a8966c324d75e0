BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
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
	folder_stamp TEXT, 
	created_at DATETIME, 
	updated_at DATETIME, 
	deleted_at DATETIME, 
	PRIMARY KEY (id), 
	UNIQUE ("key")
);
INSERT INTO "anime_series" VALUES(1,'attack-on-titan','Attack On Titan','attack on titan','example.org','example','',NULL,'Attack On Titan','https://example.org/series/attack-on-titan','',NULL,NULL,'[]','[]',NULL,1,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE api_key (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	scope TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	last_used_at DATETIME, 
	PRIMARY KEY (id), 
	UNIQUE (digest)
);
INSERT INTO "api_key" VALUES('key-1','phone','read','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1','2026-01-01 12:00:00.000000',NULL);
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
	PRIMARY KEY (id), 
	CONSTRAINT known_status CHECK (status IN ('pending', 'downloading', 'completed', 'failed')), 
	FOREIGN KEY(series_id) REFERENCES anime_series (id) ON DELETE SET NULL
);
INSERT INTO "download_queue_item" VALUES('00000000-0000-0000-0000-000000000001',1,'attack-on-titan','Attack On Titan','Attack On Titan',1,1,'pending',1,0,NULL,NULL,NULL,NULL,NULL,NULL,0.0,0,NULL,0.0,NULL,'fetching',NULL,NULL,NULL,NULL,NULL,0,NULL,'','',NULL,'2026-01-01 12:00:01.000000',NULL,NULL,0);
INSERT INTO "download_queue_item" VALUES('00000000-0000-0000-0000-000000000002',1,'attack-on-titan','Attack On Titan','Attack On Titan',1,2,'pending',1,0,NULL,NULL,NULL,NULL,NULL,NULL,0.0,0,NULL,0.0,NULL,'fetching',NULL,NULL,NULL,NULL,NULL,0,NULL,'','',NULL,'2026-01-01 12:00:02.000000',NULL,NULL,0);
INSERT INTO "download_queue_item" VALUES('00000000-0000-0000-0000-000000000003',1,'attack-on-titan','Attack On Titan','Attack On Titan',1,3,'pending',1,0,NULL,NULL,NULL,NULL,NULL,NULL,0.0,0,NULL,0.0,NULL,'fetching',NULL,NULL,NULL,NULL,NULL,0,NULL,'','',NULL,'2026-01-01 12:00:03.000000',NULL,NULL,0);
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
	PRIMARY KEY (id), 
	UNIQUE (series_id, season, episode_number), 
	FOREIGN KEY(series_id) REFERENCES anime_series (id) ON DELETE CASCADE
);
INSERT INTO "episodes" VALUES(1,1,1,1,NULL,NULL,NULL,NULL,NULL,1,0,NULL,NULL,NULL,NULL);
INSERT INTO "episodes" VALUES(2,1,1,2,NULL,NULL,NULL,NULL,NULL,1,0,NULL,NULL,NULL,NULL);
INSERT INTO "episodes" VALUES(3,1,1,3,NULL,NULL,NULL,NULL,NULL,1,0,NULL,NULL,NULL,NULL);
CREATE TABLE schedule_state (
	id INTEGER NOT NULL, 
	last_run DATETIME, 
	last_result TEXT NOT NULL, 
	holder TEXT NOT NULL, 
	held_until DATETIME, 
	PRIMARY KEY (id), 
	CONSTRAINT only_row CHECK (id = 1)
);
INSERT INTO "schedule_state" VALUES(1,'2026-01-01 12:00:00.000000','','scan','2026-01-01 12:01:00.000000');
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
CREATE TABLE user_session (
	id TEXT NOT NULL, 
	user TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	PRIMARY KEY (id)
);
INSERT INTO "user_session" VALUES('session-1','master','2026-01-01 12:00:00.000000','2026-01-02 12:00:00.000000',NULL);
CREATE INDEX ix_download_queue_item_claim ON download_queue_item (status, priority DESC, place, added_at, id);
CREATE UNIQUE INDEX uq_download_queue_item_open_episode ON download_queue_item (serie_id, season, episode) WHERE status IN ('pending', 'downloading');
COMMIT;
