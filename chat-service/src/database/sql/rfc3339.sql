-- A time as events and the REST API contain it: RFC 3339, milliseconds, UTC.
create or replace function rfc3339(p_time timestamptz) returns text
language sql stable as $$
  select to_char(p_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;
