-- claim - takes the next message of the first list that has one, and notes who has it, as kombu does.
--   KEYS  unacked, unacked_index, our own set of held tags, then the lists in the order in which they are served
--   ARGV  a tag for a message without a usable one, the largest message that is taken, then the queue of each list
-- Answers the list's number with tag and message; or with the size alone, of what is no message: that is removed. Or nothing.
-- Nothing is removed before it is noted, so that a server that refuses to write loses nothing.
local function quoted(text)
    return (cjson.encode(text):gsub('\\/', '/'))
end

local function text_or(value, otherwise)
    return type(value) == 'string' and value or otherwise
end

for place = 4, #KEYS do
    local text = redis.pcall('LINDEX', KEYS[place], -1)
    if type(text) == 'string' then
        local ok, message = false, nil
        if #text <= tonumber(ARGV[2]) then
            ok, message = pcall(cjson.decode, text)
        end
        if not ok or type(message) ~= 'table' then
            redis.call('RPOP', KEYS[place])
            return { place - 3, #text }
        end
        local properties = type(message.properties) == 'table' and message.properties or {}
        local info = type(properties.delivery_info) == 'table' and properties.delivery_info or {}
        local tag = text_or(properties.delivery_tag, '')
        if #tag > 63 or not tag:match('^[%w._:-]+$') then
            tag = ARGV[1]
        end
        local exchange, key = text_or(info.exchange, ''), text_or(info.routing_key, ARGV[place - 1])
        local now = redis.call('TIME')
        redis.call('HSET', KEYS[1], tag, '[' .. text .. ', ' .. quoted(exchange) .. ', ' .. quoted(key) .. ']')
        redis.call('ZADD', KEYS[2], now[1] .. '.' .. string.format('%06d', now[2]), tag)
        redis.call('SADD', KEYS[3], tag)
        redis.call('RPOP', KEYS[place])
        return { place - 3, tag, text }
    end
end
return false
