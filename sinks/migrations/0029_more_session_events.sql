ALTER TABLE ${private}.session_events
    ADD COLUMN IF NOT EXISTS `via` LowCardinality(String) COMMENT 'hook: a hook told it, not telemetry.',
    ADD COLUMN IF NOT EXISTS `reasoning_tokens` Int64 COMMENT 'Of output_tokens: spent on thinking, where told. Of model_responded.',
    ADD COLUMN IF NOT EXISTS `target` String COMMENT 'Keyed hash of the file or command; empty where nobody shows it. Of tool_finished.',
    ADD COLUMN IF NOT EXISTS `command_kind` LowCardinality(String) COMMENT 'Of a shell command: what it does. Of tool_finished.',
    ADD COLUMN IF NOT EXISTS `interrupted` Bool COMMENT 'A person stopped it. Of tool_finished.',
    ADD COLUMN IF NOT EXISTS `outcome` LowCardinality(String) DEFAULT if(type = 'outcome_reported', 'unknown', '') COMMENT 'Of outcome_reported.',
    COMMENT COLUMN `type` 'What happened: session_started, prompt_submitted, model_responded, answer_given, model_request_failed, tool_decided, tool_finished, lines_changed, commit_made, pull_request_opened, usage_reported, permission_mode_changed, context_compacted, subagent_completed, turn_ended, turn_interrupted, session_ended, outcome_reported, sequence_seen, unrecognised.',
    COMMENT COLUMN `duration_ms` 'Of model_responded, model_request_failed, tool_finished, context_compacted, subagent_completed. As the client measured it; 0: it did not. Of turn_ended.'
