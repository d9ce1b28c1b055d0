select samples.series, samples.t, samples.value, samples.starts
from samples
join series on series.id = samples.series
where series.broker = ?1 and samples.minute >= ?2
order by samples.t
