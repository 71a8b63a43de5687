-- reply - puts an answer into the queues that its exchange has for this key. A queue that nobody declared gets nothing, and one whose
-- reader went away does not stay for ever.
--   KEYS  the exchange's bindings
--   ARGV  the routing key, the separator inside a binding, the prefix of keys, the answer, how many seconds it is kept
local begin = ARGV[1] .. ARGV[2]
for _, binding in ipairs(redis.call('SMEMBERS', KEYS[1])) do
    if binding:sub(1, #begin) == begin then
        local queue, from = binding, binding:find(ARGV[2], 1, true)
        while from do
            queue = queue:sub(from + #ARGV[2])
            from = queue:find(ARGV[2], 1, true)
        end
        redis.call('LPUSH', ARGV[3] .. queue, ARGV[4])
        redis.call('EXPIRE', ARGV[3] .. queue, ARGV[5])
    end
end
return false
