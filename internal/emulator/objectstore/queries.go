package objectstore

// namedQuery is a search that Workfront has a name for. It asks for no more than a filter, and takes another beside it.
type namedQuery struct {
	name string
	rows func(q *query, t *table) []int32
}

const queryUserAdmins = "userAdmins"

// query answers a named query.
func (q *query) query(dst []byte, t *table) ([]byte, error) {
	for _, known := range t.class.queries {
		if known.name != q.Name {
			continue
		}
		selected, err := q.selectFields(t)
		if err != nil {
			return nil, err
		}
		f, err := q.compileFilter(t)
		if err != nil {
			return nil, err
		}
		first, limit, err := q.window()
		if err != nil {
			return nil, err
		}
		var rows []int32
		for _, row := range known.rows(q, t) {
			if f.matches(row, -1) {
				rows = append(rows, row)
			}
		}
		rows = rows[min(first, len(rows)):min(first+limit, len(rows))]
		return appendList(dst, selected, rows, q.Version), nil
	}
	return nil, unsupported("APIModel %s does not support namedQuery %s (%s)", q.Model, q.Name, t.class.code)
}

func userQueries() []namedQuery {
	return []namedQuery{{queryUserAdmins, func(_ *query, t *table) (rows []int32) {
		isAdmin := t.class.field("isAdmin")
		for _, row := range t.order {
			if t.get(isAdmin, row).number == 1 {
				rows = append(rows, row)
			}
		}
		return rows
	}}}
}

func customerQueries() []namedQuery {
	return []namedQuery{{"currentCustomer", func(_ *query, t *table) []int32 { return t.order }}}
}

// workQueries are what a person has to do, has asked for and has done. Requests are issues.
func workQueries() []namedQuery {
	return []namedQuery{
		{"myAccomplishments", func(q *query, t *table) []int32 { return q.workOf(t, "assignedToID", done) }},
		{"myAwaitingFeedbackRequests", func(q *query, t *table) []int32 { return q.workOf(t, "ownerID", issue, awaitingFeedback) }},
		{"myCompletedRequests", func(q *query, t *table) []int32 { return q.workOf(t, "ownerID", issue, done) }},
		{"myOpenRequests", func(q *query, t *table) []int32 { return q.workOf(t, "ownerID", issue, open) }},
		{"myWork", func(q *query, t *table) []int32 { return q.workOf(t, "assignedToID", open) }},
		{"teamRequests", func(q *query, t *table) []int32 { return q.workOfTeams(t) }},
		{"workRequests", func(q *query, t *table) []int32 { return q.workOf(t, "assignedToID", open, notStarted) }},
	}
}

// trait tells some work by its type and status.
type trait func(code, status string) bool

func done(_, status string) bool             { return baseStatus(status) == "CPL" }
func open(_, status string) bool             { return baseStatus(status) != "CPL" }
func issue(code, _ string) bool              { return code == "OPTASK" }
func awaitingFeedback(_, status string) bool { return baseStatus(status) == "AWF" }
func notStarted(_, status string) bool       { return baseStatus(status) == "NEW" }

// workOf is the work whose reference is to whoever asks, of all those traits.
func (q *query) workOf(t *table, by string, traits ...trait) []int32 {
	me := q.store.referenceTo("USER", q.UserID)
	if me.null {
		return nil
	}
	return t.having(t.referring(t.class.field(by), int32(me.number)), traits...)
}

// workOfTeams is the open work of the teams that whoever asks is a member of.
func (q *query) workOfTeams(t *table) (rows []int32) {
	me := q.store.referenceTo("USER", q.UserID)
	if me.null {
		return nil
	}
	for _, id := range q.teams(int32(me.number)) {
		team := q.store.referenceTo("TEAMOB", id)
		rows = append(rows, t.having(t.referring(t.class.field("teamID"), int32(team.number)), open)...)
	}
	return rows
}

// having keeps the rows of all those traits.
func (t *table) having(rows []int32, traits ...trait) (having []int32) {
	code, status := t.class.field("objCode"), t.class.field("status")
rows:
	for _, row := range rows {
		for _, has := range traits {
			if !has(t.get(code, row).text, t.get(status, row).text) {
				continue rows
			}
		}
		having = append(having, row)
	}
	return having
}
