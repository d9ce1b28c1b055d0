delete from samples
where (minute, series, t) in (select minute, series, t from samples where minute < ?1 limit ?2)
