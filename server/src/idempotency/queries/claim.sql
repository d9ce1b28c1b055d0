insert into idempotency_keys (owner, key, request, at, state)
values (?, ?, ?, ?, 'running')
on conflict do nothing
