insert into actions (at, actor, verb, broker, queue, queue_name, intent, reason, copy, outcome)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'running')
returning id
