delete from rollups
where (hour, series, t) in (select hour, series, t from rollups where hour < ?1 limit ?2)
