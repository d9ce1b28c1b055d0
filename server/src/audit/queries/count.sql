select count(*) from actions
where (?1 is null or broker = ?1) and (?2 is null or queue = ?2)
    and (?3 is null or at >= ?3) and (?4 is null or at <= ?4)
