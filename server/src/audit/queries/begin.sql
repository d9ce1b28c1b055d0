insert into actions (at, actor, verb, broker, queue, queue_name, intent, reason, outcome)
values (?, ?, ?, ?, ?, ?, ?, ?, 'running')
returning id
