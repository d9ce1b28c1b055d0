insert into views (name, broker, kind, q, sort, sort_order, columns, saved_at, saved_by)
values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
on conflict (name) do update set
    name = ?1, broker = ?2, kind = ?3, q = ?4, sort = ?5, sort_order = ?6, columns = ?7, saved_at = ?8, saved_by = ?9
where ?10
