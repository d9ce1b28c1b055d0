select from_t, to_t, reason
from gaps
where broker = ?1 and from_t < ?3 and (to_t is null or to_t > ?2)
order by from_t
