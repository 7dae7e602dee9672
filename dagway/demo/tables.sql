-- The tables of Airflow 3.3 (head d2f4e1b3c5a7) on SQLite, as its own migration makes
-- them. Made by `python -m tests.dagway.demo.shapes` from tests/airflow/fixtures.
CREATE TABLE team (
  name VARCHAR(50) NOT NULL,
  CONSTRAINT team_pkey PRIMARY KEY (name)
);
CREATE TABLE dag_bundle (
  name VARCHAR(250) NOT NULL,
  active BOOLEAN,
  version VARCHAR(200),
  last_refreshed TIMESTAMP,
  signed_url_template TEXT,
  template_params JSON,
  CONSTRAINT dag_bundle_pkey PRIMARY KEY (name)
);
CREATE TABLE job (
  id INTEGER NOT NULL,
  dag_id VARCHAR(250),
  state VARCHAR(20),
  job_type VARCHAR(30),
  start_date TIMESTAMP,
  end_date TIMESTAMP,
  latest_heartbeat TIMESTAMP,
  executor_class VARCHAR(500),
  hostname VARCHAR(500),
  unixname VARCHAR(1000),
  CONSTRAINT job_pkey PRIMARY KEY (id)
);
CREATE TABLE connection_test_request (
  id CHAR(32) NOT NULL,
  token VARCHAR(64) NOT NULL,
  connection_id VARCHAR(250) NOT NULL,
  state VARCHAR(20) NOT NULL,
  result_message VARCHAR(2000),
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  executor VARCHAR(256),
  queue VARCHAR(256),
  conn_type VARCHAR(500) NOT NULL,
  host VARCHAR(500),
  login TEXT,
  schema VARCHAR(500),
  port INTEGER,
  commit_on_success BOOLEAN DEFAULT '0' NOT NULL,
  is_encrypted BOOLEAN DEFAULT '0' NOT NULL,
  is_extra_encrypted BOOLEAN DEFAULT '0' NOT NULL,
  active_connection_id VARCHAR(250),
  team_name VARCHAR(50),
  password TEXT,
  extra TEXT,
  CONSTRAINT connection_test_request_pkey PRIMARY KEY (id),
  CONSTRAINT uq_connection_test_request_active_conn UNIQUE (active_connection_id),
  CONSTRAINT connection_test_request_token_uq UNIQUE (token)
);
CREATE TABLE log (
  id INTEGER NOT NULL,
  dttm TIMESTAMP,
  dag_id VARCHAR(250),
  task_id VARCHAR(250),
  map_index INTEGER,
  event VARCHAR(60) NOT NULL,
  logical_date TIMESTAMP,
  run_id VARCHAR(250),
  owner VARCHAR(500),
  owner_display_name VARCHAR(500),
  extra TEXT,
  try_number INTEGER,
  CONSTRAINT log_pkey PRIMARY KEY (id)
);
CREATE TABLE asset_alias (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  name VARCHAR(1500) NOT NULL,
  "group" VARCHAR(1500) NOT NULL
);
CREATE TABLE asset (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  name VARCHAR(1500) NOT NULL,
  uri VARCHAR(1500) NOT NULL,
  "group" VARCHAR(1500) NOT NULL,
  extra JSON NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE TABLE asset_event (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  asset_id INTEGER NOT NULL,
  extra JSON NOT NULL,
  source_task_id VARCHAR(250),
  source_dag_id VARCHAR(250),
  source_run_id VARCHAR(250),
  source_map_index INTEGER DEFAULT '-1',
  timestamp TIMESTAMP NOT NULL,
  partition_key VARCHAR(250)
);
CREATE TABLE partitioned_asset_key_log (
  id INTEGER NOT NULL,
  asset_id INTEGER NOT NULL,
  asset_event_id INTEGER NOT NULL,
  asset_partition_dag_run_id INTEGER NOT NULL,
  source_partition_key VARCHAR(250) NOT NULL,
  target_dag_id VARCHAR(250) NOT NULL,
  target_partition_key VARCHAR(250) NOT NULL,
  created_at TIMESTAMP NOT NULL,
  CONSTRAINT partitioned_asset_key_log_pkey PRIMARY KEY (id)
);
CREATE TABLE backfill (
  id INTEGER NOT NULL,
  dag_id VARCHAR(250) NOT NULL,
  from_date TIMESTAMP NOT NULL,
  to_date TIMESTAMP NOT NULL,
  dag_run_conf JSON NOT NULL,
  is_paused BOOLEAN,
  reprocess_behavior VARCHAR(250) NOT NULL,
  max_active_runs INTEGER NOT NULL,
  created_at TIMESTAMP NOT NULL,
  completed_at TIMESTAMP,
  updated_at TIMESTAMP NOT NULL,
  triggering_user_name VARCHAR(512),
  CONSTRAINT backfill_pkey PRIMARY KEY (id)
);
CREATE TABLE log_template (
  id INTEGER NOT NULL,
  filename TEXT NOT NULL,
  elasticsearch_id TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  CONSTRAINT log_template_pkey PRIMARY KEY (id)
);
CREATE TABLE dag_priority_parsing_request (
  id VARCHAR(32) NOT NULL,
  bundle_name VARCHAR(250) NOT NULL,
  relative_fileloc VARCHAR(2000) NOT NULL,
  CONSTRAINT dag_priority_parsing_request_pkey PRIMARY KEY (id)
);
CREATE TABLE import_error (
  id INTEGER NOT NULL,
  timestamp TIMESTAMP,
  filename VARCHAR(1024),
  bundle_name VARCHAR(250),
  stacktrace TEXT,
  CONSTRAINT import_error_pkey PRIMARY KEY (id)
);
CREATE TABLE revoked_token (
  jti VARCHAR(32) NOT NULL,
  exp TIMESTAMP NOT NULL,
  CONSTRAINT revoked_token_pkey PRIMARY KEY (jti)
);
CREATE TABLE connection (
  id INTEGER NOT NULL,
  conn_id VARCHAR(250) NOT NULL,
  conn_type VARCHAR(500) NOT NULL,
  description VARCHAR(5000),
  host VARCHAR(500),
  schema VARCHAR(500),
  login TEXT,
  port INTEGER,
  team_name VARCHAR(50),
  password TEXT,
  extra TEXT,
  is_encrypted BOOLEAN NOT NULL,
  is_extra_encrypted BOOLEAN NOT NULL,
  CONSTRAINT connection_pkey PRIMARY KEY (id),
  CONSTRAINT connection_conn_id_uq UNIQUE (conn_id),
  CONSTRAINT connection_team_name_fkey FOREIGN KEY(team_name) REFERENCES team (name) ON DELETE SET NULL
);
CREATE TABLE dag_bundle_team (
  dag_bundle_name VARCHAR(250) NOT NULL,
  team_name VARCHAR(50) NOT NULL,
  CONSTRAINT dag_bundle_team_pkey PRIMARY KEY (dag_bundle_name, team_name),
  CONSTRAINT dag_bundle_team_dag_bundle_name_fkey FOREIGN KEY(dag_bundle_name) REFERENCES dag_bundle (name) ON DELETE CASCADE,
  CONSTRAINT dag_bundle_team_team_name_fkey FOREIGN KEY(team_name) REFERENCES team (name) ON DELETE CASCADE
);
CREATE TABLE variable (
  id INTEGER NOT NULL,
  "key" VARCHAR(250) NOT NULL,
  val TEXT NOT NULL,
  description TEXT,
  is_encrypted BOOLEAN NOT NULL,
  team_name VARCHAR(50),
  CONSTRAINT variable_pkey PRIMARY KEY (id),
  CONSTRAINT variable_key_uq UNIQUE ("key"),
  CONSTRAINT variable_team_name_fkey FOREIGN KEY(team_name) REFERENCES team (name) ON DELETE SET NULL
);
CREATE TABLE asset_alias_asset (
  alias_id INTEGER NOT NULL,
  asset_id INTEGER NOT NULL,
  CONSTRAINT asset_alias_asset_pkey PRIMARY KEY (alias_id, asset_id),
  CONSTRAINT asset_alias_asset_alias_id_fkey FOREIGN KEY(alias_id) REFERENCES asset_alias (id) ON DELETE CASCADE,
  CONSTRAINT asset_alias_asset_asset_id_fkey FOREIGN KEY(asset_id) REFERENCES asset (id) ON DELETE CASCADE
);
CREATE TABLE asset_alias_asset_event (
  alias_id INTEGER NOT NULL,
  event_id INTEGER NOT NULL,
  CONSTRAINT asset_alias_asset_event_pkey PRIMARY KEY (alias_id, event_id),
  CONSTRAINT asset_alias_asset_event_alias_id_fkey FOREIGN KEY(alias_id) REFERENCES asset_alias (id) ON DELETE CASCADE,
  CONSTRAINT asset_alias_asset_event_event_id_fkey FOREIGN KEY(event_id) REFERENCES asset_event (id) ON DELETE CASCADE
);
CREATE TABLE asset_active (
  name VARCHAR(1500) NOT NULL,
  uri VARCHAR(1500) NOT NULL,
  CONSTRAINT asset_active_pkey PRIMARY KEY (name, uri),
  CONSTRAINT asset_active_asset_name_uri_fkey FOREIGN KEY(name, uri) REFERENCES asset (name, uri) ON DELETE CASCADE
);
CREATE TABLE dag (
  dag_id VARCHAR(250) NOT NULL,
  is_paused BOOLEAN NOT NULL,
  is_stale BOOLEAN NOT NULL,
  exceeds_max_non_backfill BOOLEAN DEFAULT '0' NOT NULL,
  last_parsed_time TIMESTAMP,
  last_parse_duration FLOAT,
  last_expired TIMESTAMP,
  fileloc VARCHAR(2000),
  relative_fileloc VARCHAR(2000),
  bundle_name VARCHAR(250) NOT NULL,
  bundle_version VARCHAR(200),
  owners VARCHAR(2000),
  dag_display_name VARCHAR(2000),
  description TEXT,
  timetable_type VARCHAR(255) NOT NULL,
  timetable_summary TEXT,
  timetable_description VARCHAR(1000),
  timetable_partitioned BOOLEAN DEFAULT '0' NOT NULL,
  timetable_periodic BOOLEAN DEFAULT '0' NOT NULL,
  partition_mapper_info JSON NOT NULL,
  asset_expression JSON,
  deadline JSON,
  max_active_tasks INTEGER NOT NULL,
  max_active_runs INTEGER,
  max_consecutive_failed_dag_runs INTEGER NOT NULL,
  has_task_concurrency_limits BOOLEAN NOT NULL,
  has_import_errors BOOLEAN DEFAULT '0',
  fail_fast BOOLEAN DEFAULT '0' NOT NULL,
  allowed_run_types JSON,
  next_dagrun TIMESTAMP,
  next_dagrun_data_interval_start TIMESTAMP,
  next_dagrun_data_interval_end TIMESTAMP,
  next_dagrun_partition_key VARCHAR(255),
  next_dagrun_partition_date TIMESTAMP,
  next_dagrun_create_after TIMESTAMP,
  CONSTRAINT dag_pkey PRIMARY KEY (dag_id),
  CONSTRAINT dag_bundle_name_fkey FOREIGN KEY(bundle_name) REFERENCES dag_bundle (name)
);
CREATE TABLE slot_pool (
  id INTEGER NOT NULL,
  pool VARCHAR(256),
  slots INTEGER NOT NULL,
  description TEXT,
  include_deferred BOOLEAN NOT NULL,
  team_name VARCHAR(50),
  CONSTRAINT slot_pool_pkey PRIMARY KEY (id),
  CONSTRAINT slot_pool_pool_uq UNIQUE (pool),
  CONSTRAINT slot_pool_team_name_fkey FOREIGN KEY(team_name) REFERENCES team (name) ON DELETE SET NULL
);
CREATE TABLE "trigger" (
  id INTEGER NOT NULL,
  classpath VARCHAR(1000) NOT NULL,
  kwargs TEXT NOT NULL,
  created_date TIMESTAMP NOT NULL,
  triggerer_id INTEGER,
  queue VARCHAR(256),
  team_name VARCHAR(50),
  CONSTRAINT trigger_pkey PRIMARY KEY (id),
  CONSTRAINT trigger_team_name_fkey FOREIGN KEY(team_name) REFERENCES team (name) ON DELETE SET NULL
);
CREATE TABLE asset_state_store (
  asset_id INTEGER NOT NULL,
  "key" VARCHAR(512) NOT NULL,
  value TEXT NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  last_updated_by_kind VARCHAR(16),
  last_updated_by_dag_id VARCHAR(250),
  last_updated_by_run_id VARCHAR(250),
  last_updated_by_task_id VARCHAR(250),
  last_updated_by_map_index INTEGER,
  CONSTRAINT asset_state_store_pkey PRIMARY KEY (asset_id, "key"),
  CONSTRAINT asset_state_store_asset_fkey FOREIGN KEY(asset_id) REFERENCES asset (id) ON DELETE CASCADE
);
CREATE TABLE callback (
  id CHAR(32) NOT NULL,
  type VARCHAR(20) NOT NULL,
  fetch_method VARCHAR(20) NOT NULL,
  data JSON NOT NULL,
  bundle_name VARCHAR(250),
  state VARCHAR(10),
  output TEXT,
  priority_weight INTEGER NOT NULL,
  created_at TIMESTAMP NOT NULL,
  trigger_id INTEGER,
  CONSTRAINT callback_pkey PRIMARY KEY (id),
  CONSTRAINT callback_trigger_id_fkey FOREIGN KEY(trigger_id) REFERENCES "trigger" (id)
);
CREATE TABLE asset_watcher (
  name VARCHAR(1500) NOT NULL,
  asset_id INTEGER NOT NULL,
  trigger_id INTEGER NOT NULL,
  CONSTRAINT asset_watcher_pkey PRIMARY KEY (asset_id, trigger_id),
  CONSTRAINT awm_asset_id_fkey FOREIGN KEY(asset_id) REFERENCES asset (id) ON DELETE CASCADE,
  CONSTRAINT awm_trigger_id_fkey FOREIGN KEY(trigger_id) REFERENCES "trigger" (id) ON DELETE CASCADE
);
CREATE TABLE dag_schedule_asset_name_reference (
  name VARCHAR(1500) NOT NULL,
  dag_id VARCHAR(250) NOT NULL,
  created_at TIMESTAMP NOT NULL,
  CONSTRAINT dsanr_pkey PRIMARY KEY (name, dag_id),
  CONSTRAINT dsanr_dag_id_fkey FOREIGN KEY(dag_id) REFERENCES dag (dag_id) ON DELETE CASCADE
);
CREATE TABLE dag_schedule_asset_uri_reference (
  uri VARCHAR(1500) NOT NULL,
  dag_id VARCHAR(250) NOT NULL,
  created_at TIMESTAMP NOT NULL,
  CONSTRAINT dsaur_pkey PRIMARY KEY (uri, dag_id),
  CONSTRAINT dsaur_dag_id_fkey FOREIGN KEY(dag_id) REFERENCES dag (dag_id) ON DELETE CASCADE
);
CREATE TABLE dag_schedule_asset_alias_reference (
  alias_id INTEGER NOT NULL,
  dag_id VARCHAR(250) NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  CONSTRAINT dsaar_pkey PRIMARY KEY (alias_id, dag_id),
  CONSTRAINT dsaar_asset_alias_fkey FOREIGN KEY(alias_id) REFERENCES asset_alias (id) ON DELETE CASCADE,
  CONSTRAINT dsaar_dag_id_fkey FOREIGN KEY(dag_id) REFERENCES dag (dag_id) ON DELETE CASCADE
);
CREATE TABLE dag_schedule_asset_reference (
  asset_id INTEGER NOT NULL,
  dag_id VARCHAR(250) NOT NULL,
  allow_producer_teams JSON,
  allow_global_producers BOOLEAN DEFAULT 1 NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  CONSTRAINT dsar_pkey PRIMARY KEY (asset_id, dag_id),
  CONSTRAINT dsar_asset_fkey FOREIGN KEY(asset_id) REFERENCES asset (id) ON DELETE CASCADE,
  CONSTRAINT dsar_dag_id_fkey FOREIGN KEY(dag_id) REFERENCES dag (dag_id) ON DELETE CASCADE
);
CREATE TABLE task_outlet_asset_reference (
  asset_id INTEGER NOT NULL,
  dag_id VARCHAR(250) NOT NULL,
  task_id VARCHAR(250) NOT NULL,
  allow_consumer_teams JSON,
  allow_global_consumers BOOLEAN DEFAULT 1 NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  CONSTRAINT toar_pkey PRIMARY KEY (asset_id, dag_id, task_id),
  CONSTRAINT toar_asset_fkey FOREIGN KEY(asset_id) REFERENCES asset (id) ON DELETE CASCADE,
  CONSTRAINT toar_dag_id_fkey FOREIGN KEY(dag_id) REFERENCES dag (dag_id) ON DELETE CASCADE
);
CREATE TABLE task_inlet_asset_reference (
  asset_id INTEGER NOT NULL,
  dag_id VARCHAR(250) NOT NULL,
  task_id VARCHAR(250) NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  CONSTRAINT tiar_pkey PRIMARY KEY (asset_id, dag_id, task_id),
  CONSTRAINT tiar_asset_fkey FOREIGN KEY(asset_id) REFERENCES asset (id) ON DELETE CASCADE,
  CONSTRAINT tiar_dag_id_fkey FOREIGN KEY(dag_id) REFERENCES dag (dag_id) ON DELETE CASCADE
);
CREATE TABLE asset_dag_run_queue (
  asset_id INTEGER NOT NULL,
  target_dag_id VARCHAR(250) NOT NULL,
  created_at TIMESTAMP NOT NULL,
  CONSTRAINT assetdagrunqueue_pkey PRIMARY KEY (asset_id, target_dag_id),
  CONSTRAINT adrq_asset_fkey FOREIGN KEY(asset_id) REFERENCES asset (id) ON DELETE CASCADE,
  CONSTRAINT adrq_dag_fkey FOREIGN KEY(target_dag_id) REFERENCES dag (dag_id) ON DELETE CASCADE
);
CREATE TABLE dag_version (
  id CHAR(32) NOT NULL,
  version_number INTEGER NOT NULL,
  dag_id VARCHAR(250) NOT NULL,
  bundle_name VARCHAR(250),
  bundle_version VARCHAR(250),
  version_data JSON,
  created_at TIMESTAMP NOT NULL,
  last_updated TIMESTAMP NOT NULL,
  CONSTRAINT dag_version_pkey PRIMARY KEY (id),
  CONSTRAINT dag_id_v_name_v_number_unique_constraint UNIQUE (dag_id, version_number),
  CONSTRAINT dag_version_dag_id_fkey FOREIGN KEY(dag_id) REFERENCES dag (dag_id) ON DELETE CASCADE
);
CREATE TABLE dag_tag (
  name VARCHAR(100) NOT NULL,
  dag_id VARCHAR(250) NOT NULL,
  CONSTRAINT dag_tag_pkey PRIMARY KEY (name, dag_id),
  CONSTRAINT dag_tag_dag_id_fkey FOREIGN KEY(dag_id) REFERENCES dag (dag_id) ON DELETE CASCADE
);
CREATE TABLE dag_owner_attributes (
  dag_id VARCHAR(250) NOT NULL,
  owner VARCHAR(500) NOT NULL,
  link VARCHAR(500) NOT NULL,
  CONSTRAINT dag_owner_attributes_pkey PRIMARY KEY (dag_id, owner),
  CONSTRAINT "dag.dag_id" FOREIGN KEY(dag_id) REFERENCES dag (dag_id) ON DELETE CASCADE
);
CREATE TABLE dag_warning (
  dag_id VARCHAR(250) NOT NULL,
  warning_type VARCHAR(50) NOT NULL,
  message TEXT NOT NULL,
  timestamp TIMESTAMP NOT NULL,
  CONSTRAINT dag_warning_pkey PRIMARY KEY (dag_id, warning_type),
  CONSTRAINT dcw_dag_id_fkey FOREIGN KEY(dag_id) REFERENCES dag (dag_id) ON DELETE CASCADE
);
CREATE TABLE dag_favorite (
  user_id VARCHAR(250) NOT NULL,
  dag_id VARCHAR(250) NOT NULL,
  CONSTRAINT dag_favorite_pkey PRIMARY KEY (user_id, dag_id),
  CONSTRAINT dag_favorite_dag_id_fkey FOREIGN KEY(dag_id) REFERENCES dag (dag_id) ON DELETE CASCADE
);
CREATE TABLE dag_run (
  id INTEGER NOT NULL,
  dag_id VARCHAR(250) NOT NULL,
  queued_at TIMESTAMP,
  logical_date TIMESTAMP,
  start_date TIMESTAMP,
  end_date TIMESTAMP,
  state VARCHAR(50),
  run_id VARCHAR(250) NOT NULL,
  creating_job_id INTEGER,
  run_type VARCHAR(50) NOT NULL,
  triggered_by VARCHAR(50),
  triggering_user_name VARCHAR(512),
  conf JSON,
  data_interval_start TIMESTAMP,
  data_interval_end TIMESTAMP,
  run_after TIMESTAMP NOT NULL,
  last_scheduling_decision TIMESTAMP,
  log_template_id INTEGER,
  created_at TIMESTAMP,
  updated_at TIMESTAMP,
  clear_number INTEGER DEFAULT '0' NOT NULL,
  backfill_id INTEGER,
  bundle_version VARCHAR(250),
  scheduled_by_job_id INTEGER,
  context_carrier JSON,
  span_status VARCHAR(250) DEFAULT 'not_started' NOT NULL,
  created_dag_version_id CHAR(32),
  partition_key VARCHAR(250),
  partition_date TIMESTAMP,
  CONSTRAINT dag_run_pkey PRIMARY KEY (id),
  CONSTRAINT dag_run_dag_id_run_id_key UNIQUE (dag_id, run_id),
  CONSTRAINT dag_run_dag_id_logical_date_key UNIQUE (dag_id, logical_date),
  CONSTRAINT task_instance_log_template_id_fkey FOREIGN KEY(log_template_id) REFERENCES log_template (id) ON DELETE NO ACTION,
  CONSTRAINT dag_run_backfill_id_fkey FOREIGN KEY(backfill_id) REFERENCES backfill (id),
  CONSTRAINT created_dag_version_id_fkey FOREIGN KEY(created_dag_version_id) REFERENCES dag_version (id) ON DELETE set null
);
CREATE TABLE dag_code (
  id CHAR(32) NOT NULL,
  dag_id VARCHAR(250) NOT NULL,
  fileloc VARCHAR(2000) NOT NULL,
  created_at TIMESTAMP NOT NULL,
  last_updated TIMESTAMP NOT NULL,
  source_code TEXT NOT NULL,
  source_code_hash VARCHAR(32) NOT NULL,
  dag_version_id CHAR(32) NOT NULL,
  CONSTRAINT dag_code_pkey PRIMARY KEY (id),
  CONSTRAINT dag_code_dag_version_id_uq UNIQUE (dag_version_id),
  CONSTRAINT dag_code_dag_version_id_fkey FOREIGN KEY(dag_version_id) REFERENCES dag_version (id) ON DELETE CASCADE
);
CREATE TABLE serialized_dag (
  id CHAR(32) NOT NULL,
  dag_id VARCHAR(250) NOT NULL,
  data JSON,
  data_compressed BLOB,
  created_at TIMESTAMP NOT NULL,
  last_updated TIMESTAMP NOT NULL,
  dag_hash VARCHAR(32) NOT NULL,
  dag_version_id CHAR(32) NOT NULL,
  CONSTRAINT serialized_dag_pkey PRIMARY KEY (id),
  CONSTRAINT serialized_dag_dag_version_id_uq UNIQUE (dag_version_id),
  CONSTRAINT serialized_dag_dag_version_id_fkey FOREIGN KEY(dag_version_id) REFERENCES dag_version (id) ON DELETE CASCADE
);
CREATE TABLE dagrun_asset_event (
  dag_run_id INTEGER NOT NULL,
  event_id INTEGER NOT NULL,
  CONSTRAINT dagrun_asset_event_pkey PRIMARY KEY (dag_run_id, event_id),
  CONSTRAINT dagrun_asset_event_dag_run_id_fkey FOREIGN KEY(dag_run_id) REFERENCES dag_run (id) ON DELETE CASCADE,
  CONSTRAINT dagrun_asset_event_event_id_fkey FOREIGN KEY(event_id) REFERENCES asset_event (id) ON DELETE CASCADE
);
CREATE TABLE asset_partition_dag_run (
  id INTEGER NOT NULL,
  target_dag_id VARCHAR(250) NOT NULL,
  created_dag_run_id INTEGER,
  partition_key VARCHAR(250) NOT NULL,
  partition_date TIMESTAMP,
  rollup_fingerprint JSON,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  CONSTRAINT asset_partition_dag_run_pkey PRIMARY KEY (id),
  CONSTRAINT apdr_created_dag_run_id_fkey FOREIGN KEY(created_dag_run_id) REFERENCES dag_run (id) ON DELETE CASCADE
);
CREATE TABLE deadline_alert (
  id CHAR(32) NOT NULL,
  created_at TIMESTAMP NOT NULL,
  serialized_dag_id CHAR(32) NOT NULL,
  name VARCHAR(250),
  description TEXT,
  reference JSON NOT NULL,
  interval JSON NOT NULL,
  callback_def JSON NOT NULL,
  CONSTRAINT deadline_alert_pkey PRIMARY KEY (id),
  CONSTRAINT deadline_alert_serialized_dag_id_fkey FOREIGN KEY(serialized_dag_id) REFERENCES serialized_dag (id) ON DELETE CASCADE
);
CREATE TABLE task_instance (
  id CHAR(32) NOT NULL,
  task_id VARCHAR(250) NOT NULL,
  dag_id VARCHAR(250) NOT NULL,
  run_id VARCHAR(250) NOT NULL,
  map_index INTEGER DEFAULT '-1' NOT NULL,
  start_date TIMESTAMP,
  end_date TIMESTAMP,
  duration FLOAT,
  state VARCHAR(20),
  try_number INTEGER NOT NULL,
  max_tries INTEGER DEFAULT '-1' NOT NULL,
  hostname VARCHAR(1000),
  unixname VARCHAR(1000),
  pool VARCHAR(256) NOT NULL,
  pool_slots INTEGER NOT NULL,
  queue VARCHAR(256),
  priority_weight INTEGER,
  operator VARCHAR(1000),
  custom_operator_name VARCHAR(1000),
  queued_dttm TIMESTAMP,
  scheduled_dttm TIMESTAMP,
  queued_by_job_id INTEGER,
  last_heartbeat_at TIMESTAMP,
  pid INTEGER,
  executor VARCHAR(1000),
  executor_config BLOB,
  updated_at TIMESTAMP,
  rendered_map_index VARCHAR(250),
  context_carrier JSON,
  span_status VARCHAR(250) DEFAULT 'not_started' NOT NULL,
  external_executor_id TEXT,
  trigger_id INTEGER,
  trigger_timeout TIMESTAMP,
  next_method VARCHAR(1000),
  next_kwargs JSON,
  task_display_name VARCHAR(2000),
  dag_version_id CHAR(32),
  retry_delay_override FLOAT,
  retry_reason VARCHAR(500),
  CONSTRAINT task_instance_pkey PRIMARY KEY (id),
  CONSTRAINT task_instance_composite_key UNIQUE (dag_id, task_id, run_id, map_index),
  CONSTRAINT task_instance_trigger_id_fkey FOREIGN KEY(trigger_id) REFERENCES "trigger" (id) ON DELETE CASCADE,
  CONSTRAINT task_instance_dag_run_fkey FOREIGN KEY(dag_id, run_id) REFERENCES dag_run (dag_id, run_id) ON DELETE CASCADE,
  CONSTRAINT task_instance_dag_version_id_fkey FOREIGN KEY(dag_version_id) REFERENCES dag_version (id) ON DELETE RESTRICT
);
CREATE TABLE backfill_dag_run (
  id INTEGER NOT NULL,
  backfill_id INTEGER NOT NULL,
  dag_run_id INTEGER,
  exception_reason VARCHAR(250),
  logical_date TIMESTAMP,
  partition_key VARCHAR(250),
  sort_ordinal INTEGER NOT NULL,
  CONSTRAINT backfill_dag_run_pkey PRIMARY KEY (id),
  CONSTRAINT ix_bdr_backfill_id_dag_run_id UNIQUE (backfill_id, dag_run_id),
  CONSTRAINT bdr_backfill_fkey FOREIGN KEY(backfill_id) REFERENCES backfill (id) ON DELETE cascade,
  CONSTRAINT bdr_dag_run_fkey FOREIGN KEY(dag_run_id) REFERENCES dag_run (id) ON DELETE set null
);
CREATE TABLE dag_run_note (
  user_id VARCHAR(128),
  dag_run_id INTEGER NOT NULL,
  content VARCHAR(1000),
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  CONSTRAINT dag_run_note_pkey PRIMARY KEY (dag_run_id),
  CONSTRAINT dag_run_note_dr_fkey FOREIGN KEY(dag_run_id) REFERENCES dag_run (id) ON DELETE CASCADE
);
CREATE TABLE task_state_store (
  id INTEGER NOT NULL,
  dag_run_id INTEGER NOT NULL,
  task_id VARCHAR(250) NOT NULL,
  map_index INTEGER DEFAULT '-1' NOT NULL,
  "key" VARCHAR(512) NOT NULL,
  dag_id VARCHAR(250) NOT NULL,
  run_id VARCHAR(250) NOT NULL,
  value TEXT NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  expires_at TIMESTAMP,
  CONSTRAINT task_state_store_pkey PRIMARY KEY (id),
  CONSTRAINT task_state_store_uq UNIQUE (dag_run_id, task_id, map_index, "key"),
  CONSTRAINT task_state_store_dag_run_fkey FOREIGN KEY(dag_run_id) REFERENCES dag_run (id) ON DELETE CASCADE
);
CREATE TABLE deadline (
  id CHAR(32) NOT NULL,
  created_at TIMESTAMP NOT NULL,
  last_updated_at TIMESTAMP NOT NULL,
  dagrun_id INTEGER,
  deadline_time TIMESTAMP NOT NULL,
  missed BOOLEAN NOT NULL,
  callback_id CHAR(32) NOT NULL,
  deadline_alert_id CHAR(32),
  CONSTRAINT deadline_pkey PRIMARY KEY (id),
  CONSTRAINT deadline_dagrun_id_fkey FOREIGN KEY(dagrun_id) REFERENCES dag_run (id) ON DELETE CASCADE,
  CONSTRAINT deadline_callback_id_fkey FOREIGN KEY(callback_id) REFERENCES callback (id) ON DELETE CASCADE,
  CONSTRAINT deadline_deadline_alert_id_fkey FOREIGN KEY(deadline_alert_id) REFERENCES deadline_alert (id) ON DELETE SET NULL
);
CREATE TABLE hitl_detail (
  ti_id CHAR(32) NOT NULL,
  options JSON NOT NULL,
  subject TEXT NOT NULL,
  body TEXT,
  defaults JSON,
  multiple BOOLEAN,
  params JSON NOT NULL,
  assignees JSON,
  created_at TIMESTAMP NOT NULL,
  responded_at TIMESTAMP,
  responded_by JSON,
  chosen_options JSON,
  params_input JSON NOT NULL,
  CONSTRAINT hitl_detail_pkey PRIMARY KEY (ti_id),
  CONSTRAINT hitl_detail_ti_fkey FOREIGN KEY(ti_id) REFERENCES task_instance (id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE TABLE task_map (
  dag_id VARCHAR(250) NOT NULL,
  task_id VARCHAR(250) NOT NULL,
  run_id VARCHAR(250) NOT NULL,
  map_index INTEGER NOT NULL,
  length INTEGER NOT NULL,
  keys JSON,
  CONSTRAINT task_map_pkey PRIMARY KEY (dag_id, task_id, run_id, map_index),
  CONSTRAINT ck_task_map_task_map_length_not_negative CHECK (length >= 0),
  CONSTRAINT task_map_task_instance_fkey FOREIGN KEY(dag_id, task_id, run_id, map_index) REFERENCES task_instance (dag_id, task_id, run_id, map_index) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE TABLE task_reschedule (
  id INTEGER NOT NULL,
  ti_id CHAR(32) NOT NULL,
  start_date TIMESTAMP NOT NULL,
  end_date TIMESTAMP NOT NULL,
  duration INTEGER NOT NULL,
  reschedule_date TIMESTAMP NOT NULL,
  CONSTRAINT task_reschedule_pkey PRIMARY KEY (id),
  CONSTRAINT task_reschedule_ti_fkey FOREIGN KEY(ti_id) REFERENCES task_instance (id) ON DELETE CASCADE
);
CREATE TABLE xcom (
  dag_run_id INTEGER NOT NULL,
  task_id VARCHAR(250) NOT NULL,
  map_index INTEGER DEFAULT '-1' NOT NULL,
  "key" VARCHAR(512) NOT NULL,
  dag_result BOOLEAN,
  dag_id VARCHAR(250) NOT NULL,
  run_id VARCHAR(250) NOT NULL,
  value JSON,
  timestamp TIMESTAMP NOT NULL,
  CONSTRAINT xcom_pkey PRIMARY KEY (dag_run_id, task_id, map_index, "key"),
  CONSTRAINT xcom_task_instance_fkey FOREIGN KEY(dag_id, task_id, run_id, map_index) REFERENCES task_instance (dag_id, task_id, run_id, map_index) ON DELETE CASCADE
);
CREATE TABLE task_instance_note (
  ti_id CHAR(32) NOT NULL,
  user_id VARCHAR(128),
  content VARCHAR(1000),
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  CONSTRAINT task_instance_note_pkey PRIMARY KEY (ti_id),
  CONSTRAINT task_instance_note_ti_fkey FOREIGN KEY(ti_id) REFERENCES task_instance (id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE TABLE task_instance_history (
  task_instance_id CHAR(32) NOT NULL,
  task_id VARCHAR(250) NOT NULL,
  dag_id VARCHAR(250) NOT NULL,
  run_id VARCHAR(250) NOT NULL,
  map_index INTEGER DEFAULT '-1' NOT NULL,
  try_number INTEGER NOT NULL,
  start_date TIMESTAMP,
  end_date TIMESTAMP,
  duration FLOAT,
  state VARCHAR(20),
  max_tries INTEGER DEFAULT '-1',
  hostname VARCHAR(1000),
  unixname VARCHAR(1000),
  pool VARCHAR(256) NOT NULL,
  pool_slots INTEGER NOT NULL,
  queue VARCHAR(256),
  priority_weight INTEGER,
  operator VARCHAR(1000),
  custom_operator_name VARCHAR(1000),
  queued_dttm TIMESTAMP,
  scheduled_dttm TIMESTAMP,
  queued_by_job_id INTEGER,
  pid INTEGER,
  executor VARCHAR(1000),
  executor_config BLOB,
  updated_at TIMESTAMP,
  rendered_map_index VARCHAR(250),
  context_carrier JSON,
  span_status VARCHAR(250) DEFAULT 'not_started' NOT NULL,
  external_executor_id TEXT,
  trigger_id INTEGER,
  trigger_timeout DATETIME,
  next_method VARCHAR(1000),
  next_kwargs JSON,
  task_display_name VARCHAR(2000),
  dag_version_id CHAR(32),
  retry_delay_override FLOAT,
  retry_reason VARCHAR(500),
  CONSTRAINT task_instance_history_pkey PRIMARY KEY (task_instance_id),
  CONSTRAINT task_instance_history_ti_fkey FOREIGN KEY(dag_id, task_id, run_id, map_index) REFERENCES task_instance (dag_id, task_id, run_id, map_index) ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT task_instance_history_dtrt_uq UNIQUE (dag_id, task_id, run_id, map_index, try_number)
);
CREATE TABLE rendered_task_instance_fields (
  dag_id VARCHAR(250) NOT NULL,
  task_id VARCHAR(250) NOT NULL,
  run_id VARCHAR(250) NOT NULL,
  map_index INTEGER DEFAULT '-1' NOT NULL,
  rendered_fields JSON NOT NULL,
  k8s_pod_yaml JSON,
  CONSTRAINT rendered_task_instance_fields_pkey PRIMARY KEY (dag_id, task_id, run_id, map_index),
  CONSTRAINT rtif_ti_fkey FOREIGN KEY(dag_id, task_id, run_id, map_index) REFERENCES task_instance (dag_id, task_id, run_id, map_index) ON DELETE CASCADE
);
CREATE TABLE hitl_detail_history (
  ti_history_id CHAR(32) NOT NULL,
  options JSON NOT NULL,
  subject TEXT NOT NULL,
  body TEXT,
  defaults JSON,
  multiple BOOLEAN,
  params JSON NOT NULL,
  assignees JSON,
  created_at TIMESTAMP NOT NULL,
  responded_at TIMESTAMP,
  responded_by JSON,
  chosen_options JSON,
  params_input JSON NOT NULL,
  CONSTRAINT hitl_detail_history_pkey PRIMARY KEY (ti_history_id),
  CONSTRAINT hitl_detail_history_tih_fkey FOREIGN KEY(ti_history_id) REFERENCES task_instance_history (task_instance_id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE TABLE alembic_version (
  version_num VARCHAR(32) NOT NULL,
  CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE INDEX job_type_heart ON job (job_type, latest_heartbeat);
CREATE INDEX idx_job_state_heartbeat ON job (state, latest_heartbeat);
CREATE INDEX idx_job_dag_id ON job (dag_id);
CREATE INDEX idx_connection_test_request_state_created_at ON connection_test_request (state, created_at);
CREATE INDEX idx_log_event ON log (event);
CREATE INDEX idx_log_dttm ON log (dttm);
CREATE INDEX idx_log_task_instance ON log (dag_id, task_id, run_id, map_index, try_number);
CREATE UNIQUE INDEX idx_asset_alias_name_unique ON asset_alias (name);
CREATE UNIQUE INDEX idx_asset_name_uri_unique ON asset (name, uri);
CREATE INDEX idx_asset_id_timestamp ON asset_event (asset_id, timestamp);
CREATE INDEX idx_pakl_apdr_id ON partitioned_asset_key_log (asset_partition_dag_run_id);
CREATE INDEX idx_revoked_token_exp ON revoked_token (exp);
CREATE UNIQUE INDEX idx_dag_bundle_team_dag_bundle_name ON dag_bundle_team (dag_bundle_name);
CREATE INDEX idx_dag_bundle_team_team_name ON dag_bundle_team (team_name);
CREATE INDEX idx_asset_alias_asset_asset_id ON asset_alias_asset (asset_id);
CREATE INDEX idx_asset_alias_asset_alias_id ON asset_alias_asset (alias_id);
CREATE INDEX idx_asset_alias_asset_event_event_id ON asset_alias_asset_event (event_id);
CREATE INDEX idx_asset_alias_asset_event_alias_id ON asset_alias_asset_event (alias_id);
CREATE UNIQUE INDEX idx_asset_active_uri_unique ON asset_active (uri);
CREATE UNIQUE INDEX idx_asset_active_name_unique ON asset_active (name);
CREATE INDEX idx_next_dagrun_create_after ON dag (next_dagrun_create_after);
CREATE INDEX idx_trigger_team_name ON "trigger" (team_name);
CREATE INDEX idx_awm_trigger_id ON asset_watcher (trigger_id);
CREATE INDEX idx_dag_schedule_asset_name_reference_dag_id ON dag_schedule_asset_name_reference (dag_id);
CREATE INDEX idx_dag_schedule_asset_uri_reference_dag_id ON dag_schedule_asset_uri_reference (dag_id);
CREATE INDEX idx_dag_schedule_asset_alias_reference_dag_id ON dag_schedule_asset_alias_reference (dag_id);
CREATE INDEX idx_dag_schedule_asset_reference_dag_id ON dag_schedule_asset_reference (dag_id);
CREATE INDEX idx_task_outlet_asset_reference_dag_id ON task_outlet_asset_reference (dag_id);
CREATE INDEX idx_task_inlet_asset_reference_dag_id ON task_inlet_asset_reference (dag_id);
CREATE INDEX idx_asset_dag_run_queue_target_dag_id ON asset_dag_run_queue (target_dag_id);
CREATE INDEX idx_dag_tag_dag_id ON dag_tag (dag_id);
CREATE INDEX idx_dag_warning_dag_id ON dag_warning (dag_id);
CREATE INDEX idx_dag_run_queued_dags ON dag_run (state, dag_id) WHERE state='queued';
CREATE INDEX idx_dag_run_running_dags ON dag_run (state, dag_id) WHERE state='running';
CREATE INDEX idx_dag_run_created_dag_version_id ON dag_run (created_dag_version_id);
CREATE INDEX idx_dag_run_dag_id ON dag_run (dag_id);
CREATE INDEX idx_dag_run_run_after ON dag_run (run_after);
CREATE INDEX dag_id_state ON dag_run (dag_id, state);
CREATE INDEX idx_dagrun_asset_events_event_id ON dagrun_asset_event (event_id);
CREATE INDEX idx_dagrun_asset_events_dag_run_id ON dagrun_asset_event (dag_run_id);
CREATE INDEX ti_dag_state ON task_instance (dag_id, state);
CREATE INDEX ti_dag_version_id ON task_instance (dag_version_id);
CREATE INDEX ti_state ON task_instance (state);
CREATE INDEX ti_state_lkp ON task_instance (dag_id, task_id, run_id, state);
CREATE INDEX ti_heartbeat ON task_instance (last_heartbeat_at);
CREATE INDEX ti_dag_run ON task_instance (dag_id, run_id);
CREATE INDEX ti_trigger_id ON task_instance (trigger_id);
CREATE INDEX ti_pool ON task_instance (pool, state, priority_weight);
CREATE INDEX idx_task_state_store_lookup ON task_state_store (dag_id, run_id, task_id, map_index);
CREATE INDEX idx_task_state_store_expires_at ON task_state_store (expires_at);
CREATE INDEX deadline_missed_deadline_time_idx ON deadline (missed, deadline_time);
CREATE INDEX deadline_callback_id_idx ON deadline (callback_id);
CREATE INDEX idx_task_reschedule_ti_id_id_desc ON task_reschedule (ti_id, id DESC);
CREATE INDEX idx_xcom_task_instance ON xcom (dag_id, task_id, run_id, map_index);
CREATE INDEX idx_xcom_key ON xcom ("key");
CREATE INDEX idx_tih_dag_run ON task_instance_history (dag_id, run_id);
