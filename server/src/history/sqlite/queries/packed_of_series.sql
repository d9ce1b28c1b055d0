with recursive slots (hour) as (
    select ?2
    union all
    select hour + 3600000 from slots where hour + 3600000 < ?3
)
select packed_rollups.hour, packed_rollups.minutes
from slots
cross join packed_rollups on packed_rollups.hour = slots.hour and packed_rollups.series = ?1
