-- The last sample of each series of a broker in [?2, ?3): max() picks the row the other columns come from.
select samples.series, samples.value, max(samples.t)
from samples
join series on series.id = samples.series
where series.broker = ?1 and samples.minute >= ?2 and samples.minute < ?3
group by samples.series
