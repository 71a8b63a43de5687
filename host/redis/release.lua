-- release - gives a lock up, if it is still ours.
--   KEYS  the lock
--   ARGV  what we wrote into it
if redis.call('GET', KEYS[1]) == ARGV[1] then
    return redis.call('DEL', KEYS[1])
end
return 0
