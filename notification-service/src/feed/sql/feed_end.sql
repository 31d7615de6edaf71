-- The end of the feed: the last offset of each partition that the consumer has committed, -1 for none. No row before the log was ever read.
create or replace function feed_end(consuming_group text, feed_topic text, out epoch int, out end_offsets bigint[])
returns setof record language sql stable as $$
  select e.epoch, (
    select array_agg(coalesce(c.next_offset - 1, -1) order by p)
    from generate_series(0, e.partition_count - 1) p
    left join consumer_positions c
      on c.consumer_group = consuming_group and c.topic = feed_topic and c.epoch = e.epoch and c.partition = p)
  from consumer_epochs e
  where e.consumer_group = consuming_group and e.topic = feed_topic
  order by e.epoch desc limit 1
$$;
