select series, t, min, max, sum, count, last, increase, covered_ms
from rollups
where hour = ?1
order by series, t
limit ?2
