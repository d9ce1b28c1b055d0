delete from packed_rollups
where (hour, series) in (select hour, series from packed_rollups where hour < ?1 limit ?2)
