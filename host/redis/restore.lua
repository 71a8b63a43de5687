-- restore - puts a message that is held back to where it is taken next.
--   KEYS  unacked, unacked_index, our own set of held tags, then the lists that it goes to
--   ARGV  the tag, the message, and the newest score at which it counts as let fall; or '' for one that is given back
-- Answers 1, or 0 where somebody else was faster.
if ARGV[3] ~= '' then
    local score = redis.call('ZSCORE', KEYS[2], ARGV[1])
    if not score or tonumber(score) > tonumber(ARGV[3]) then
        return 0
    end
end
local held = redis.call('HEXISTS', KEYS[1], ARGV[1])
if held == 1 then
    for place = 4, #KEYS do
        redis.call('RPUSH', KEYS[place], ARGV[2])
    end
end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('SREM', KEYS[3], ARGV[1])
return held
