-- renew - renews the leases of all that this node holds, and forgets what others have restored.
--   KEYS  unacked, unacked_index, our own set of held tags
local now = redis.call('TIME')
local score = now[1] .. '.' .. string.format('%06d', now[2])
for _, tag in ipairs(redis.call('SMEMBERS', KEYS[3])) do
    if redis.call('HEXISTS', KEYS[1], tag) == 1 then
        redis.call('ZADD', KEYS[2], score, tag)
    else
        redis.call('SREM', KEYS[3], tag)
    end
end
return redis.call('SCARD', KEYS[3])
