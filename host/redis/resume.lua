-- resume - what is noted of a message that this node held when it was last seen, its lease renewed; or nothing, then it is forgotten.
--   KEYS  unacked, unacked_index, our own set of held tags
--   ARGV  the tag
local record = redis.call('HGET', KEYS[1], ARGV[1])
if not record then
    redis.call('SREM', KEYS[3], ARGV[1])
    return false
end
local now = redis.call('TIME')
redis.call('ZADD', KEYS[2], now[1] .. '.' .. string.format('%06d', now[2]), ARGV[1])
return record
