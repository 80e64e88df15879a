-- What was going on at each moment: whose turn it is, what is done, what went wrong. A state holds until another one, the last one until the session's end.
SELECT time, turn, doing, trouble
FROM (
    SELECT
        e.occurred AS time,
        anyLast(multiIf(
            e.type IN ('prompt_submitted', 'model_responded', 'tool_finished', 'tool_decided', 'answer_given'), 'assistant',
            e.type IN ('turn_ended', 'turn_interrupted'), 'person',
            e.type = 'session_ended', 'nobody', NULL)) OVER so_far AS turn,
        anyLast(multiIf(
            e.type = 'prompt_submitted', 'prompt', e.type IN ('model_responded', 'answer_given'), 'answer',
            e.type = 'tool_finished' AND e.command_kind = 'test', 'tests', e.type = 'tool_finished', 'tool',
            e.type IN ('commit_made', 'pull_request_opened'), 'commit', NULL)) OVER so_far AS doing,
        anyLast(multiIf(
            e.type = 'tool_finished', if(e.success, 'fine', 'failed call'),
            e.type = 'model_request_failed', 'failed request', e.type = 'turn_interrupted', 'stopped by the person',
            e.type = 'tool_decided' AND e.decision = 'reject', 'refused call',
            e.type IN ('model_responded', 'answer_given', 'prompt_submitted'), 'fine', NULL)) OVER so_far AS trouble,
        e.index AS nth
    FROM ${private}.events AS e
    WHERE e.session_id IN (${session:singlequote}) AND e.type NOT IN ('sequence_seen', 'usage_reported', 'unrecognised')
    WINDOW so_far AS (ORDER BY e.occurred_at, e.index ROWS UNBOUNDED PRECEDING)
    ORDER BY e.occurred_at, e.index
    LIMIT 5000
    UNION ALL
    SELECT max(e.occurred) + INTERVAL 1 MILLISECOND, '', '', '', max(e.index)
    FROM ${private}.events AS e
    WHERE e.session_id IN (${session:singlequote}) AND e.type NOT IN ('sequence_seen', 'usage_reported', 'unrecognised')
    HAVING count() > 0 AND NOT (SELECT any(is_open) FROM ${private}.sessions_brief WHERE session_id IN (${session:singlequote}))
)
ORDER BY time, nth
