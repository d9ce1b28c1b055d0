select id, at, finished_at, actor, verb, broker, queue, queue_name, intent, reason, outcome, detail, copy
from actions
where (?1 is null or broker = ?1) and (?2 is null or queue = ?2) and (?3 is null or id < ?3)
    and (?5 is null or at >= ?5) and (?6 is null or at <= ?6)
order by id desc
limit ?4
