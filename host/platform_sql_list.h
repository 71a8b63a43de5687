/* platform_sql_list.h - every statement that the embedded platform runs. Include with SVI_SQL(name, text) defined. */

/* Prepared before there are tables. IMMEDIATE: wait for the right to write now, not in the middle, where waiting could be a
 * deadlock. */
SVI_SQL(BEGIN, "BEGIN IMMEDIATE")
SVI_SQL(COMMIT, "COMMIT")

SVI_SQL(ADD_USER, "INSERT INTO users (uuid, name, token, created_at) VALUES (?1, ?2, ?3, ?4)")
SVI_SQL(USER_BY_NAME, "SELECT id FROM users WHERE name = ?1")
SVI_SQL(USER_BY_TOKEN, "SELECT id, name FROM users WHERE token = ?1")

SVI_SQL(ADD_FILE, "INSERT INTO files (owner, name, content_type, size_bytes, created_at) VALUES (?1, ?2, ?3, ?4, ?5)")
SVI_SQL(ADD_CONTENT, "INSERT INTO contents (file, bytes) VALUES (?1, ?2)")
SVI_SQL(CONTENT, "SELECT bytes FROM contents WHERE file = ?1")
SVI_SQL(FILE_IS_KNOWN, "SELECT 1 FROM files WHERE id = ?1")
/* The newest file of that name that a user gave to a job. */
SVI_SQL(FILE_BY_NAME, "SELECT f.id FROM files f WHERE f.owner = ?1 AND f.name = ?2"
                      " AND EXISTS (SELECT 1 FROM job_files WHERE file = f.id) ORDER BY f.id DESC LIMIT 1")

SVI_SQL(ADD_JOB, "INSERT INTO jobs (owner, type, config, status, created_at, updated_at) VALUES (?1, ?2, ?3, 'pending', ?4, ?4)")
SVI_SQL(ADD_JOB_FILE, "INSERT INTO job_files (job, file) VALUES (?1, ?2)")
SVI_SQL(JOB, "SELECT j.owner, j.type, j.config, j.status, j.created_at, j.updated_at, u.uuid"
             " FROM jobs j JOIN users u ON u.id = j.owner WHERE j.id = ?1")
SVI_SQL(JOB_FILES, "SELECT f.name, jf.id FROM job_files jf JOIN files f ON f.id = jf.file WHERE jf.job = ?1 ORDER BY jf.id")
SVI_SQL(JOB_FILE,
        "SELECT f.id, f.name, f.content_type FROM job_files jf JOIN jobs j ON j.id = jf.job JOIN files f ON f.id = jf.file"
        " WHERE jf.id = ?1 AND j.owner = ?2")

SVI_SQL(ADD_STATUS, "INSERT INTO statuses (job, status, info, created_at) VALUES (?1, ?2, ?3, ?4)")
SVI_SQL(SET_JOB_STATUS, "UPDATE jobs SET status = ?2, updated_at = ?3 WHERE id = ?1")
SVI_SQL(NEWEST_STATUS, "SELECT id, status, info, created_at FROM statuses WHERE job = ?1 ORDER BY id DESC LIMIT 1")
SVI_SQL(STATUSES, "SELECT id, status, info, created_at FROM statuses WHERE job = ?1 ORDER BY id")

SVI_SQL(ADD_RESULT, "INSERT INTO results (job, file, json, created_at) VALUES (?1, ?2, ?3, ?4)")
SVI_SQL(RESULT_OF_JOB, "SELECT 1 FROM results WHERE id = ?1 AND job = ?2")
SVI_SQL(RESULT, "SELECT r.json, f.id, f.name, f.content_type, f.size_bytes FROM results r JOIN jobs j ON j.id = r.job"
                " LEFT JOIN files f ON f.id = r.file WHERE r.id = ?1 AND j.owner = ?2")

SVI_SQL(ADD_CAPTURE, "INSERT INTO captures (uuid, owner, name, type, created_at) VALUES (?1, ?2, ?3, ?4, ?5)")
SVI_SQL(ADD_CAPTURE_FILE, "INSERT INTO capture_files (uuid, capture, file) VALUES (?1, ?2, ?3)")
SVI_SQL(CAPTURES,
        "SELECT c.uuid, c.name, c.type, c.created_at, cf.uuid, f.name FROM captures c"
        " JOIN capture_files cf ON cf.capture = c.id JOIN files f ON f.id = cf.file WHERE c.owner = ?1 ORDER BY c.id, cf.id")
SVI_SQL(CAPTURE_FILE, "SELECT f.id, f.name, f.content_type FROM capture_files cf JOIN captures c ON c.id = cf.capture"
                      " JOIN files f ON f.id = cf.file WHERE cf.uuid = ?1 AND c.owner = ?2")

/* claim: 0 nobody took it, 1 a worker of this server has it, 2 a worker of a server before this one had it, 3 that, and now one of
 * this server has it. */
SVI_SQL(CLAIM, "UPDATE jobs SET claim = claim + 1 WHERE id = (SELECT id FROM jobs WHERE status NOT IN ('completed', 'failed')"
               " AND (claim = 2 OR (claim = 0 AND status = 'submitted')) ORDER BY id LIMIT 1)"
               " RETURNING id, (SELECT token FROM users WHERE users.id = jobs.owner), claim = 3")
SVI_SQL(OFFER_AGAIN, "UPDATE jobs SET claim = 2 WHERE claim IN (1, 3) AND status NOT IN ('completed', 'failed')")
