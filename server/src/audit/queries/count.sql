select count(*) from actions where (?1 is null or broker = ?1) and (?2 is null or queue = ?2)
