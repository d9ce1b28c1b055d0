with recursive slots (minute) as (
    select ?2
    union all
    select minute + 60000 from slots where minute + 60000 < ?3
)
select samples.t, samples.value, samples.starts
from slots
cross join samples on samples.minute = slots.minute and samples.series = ?1
