package emulator

import "strings"

// get answers /proj/ID, /proj?ID=a,b and named queries.
func (c *call) get(dst []byte, t *table) ([]byte, error) {
	d := c.tenant.data
	d.mu.RLock()
	defer d.mu.RUnlock()
	if len(c.path) == 2 && !looksLikeID(c.path[1]) {
		return c.query(dst, t, c.path[1])
	}
	selected, err := c.selectFields(t)
	if err != nil {
		return nil, err
	}
	rows, err := c.find(t, c.ids())
	if err != nil {
		return nil, err
	}
	return c.appendRows(dst, selected, rows), nil
}

// ids reads which objects a request is about: the one in its path, or those in its parameters.
func (c *call) ids() (ids []string) {
	if len(c.path) > 1 && looksLikeID(c.path[1]) {
		return []string{c.path[1]}
	}
	for _, name := range []string{"ID", "id", "ids"} {
		for _, list := range c.params.all(name) {
			for id := range strings.SplitSeq(list, ",") {
				if id = strings.TrimSpace(id); id != "" {
					ids = append(ids, id)
				}
			}
		}
	}
	return ids
}

// find finds all those objects or none.
func (c *call) find(t *table, ids []string) ([]int32, error) {
	if len(ids) == 0 {
		return nil, unsupported("you must specify an ID")
	}
	rows := make([]int32, len(ids))
	for n, text := range ids {
		i, ok := parseID(text)
		if ok {
			rows[n], ok = t.row(i)
		}
		if !ok {
			return nil, notFound(t.class, text)
		}
	}
	return rows, nil
}

// appendRows writes the object that the path names, or the list of those that the parameters do.
func (c *call) appendRows(dst []byte, selected *selection, rows []int32) []byte {
	if len(c.path) > 1 {
		return selected.appendObject(dst, rows[0], c.version)
	}
	return appendList(dst, selected, rows, c.version)
}

// looksLikeID tells the ID from the name in the same place of a path.
func looksLikeID(s string) bool {
	_, ok := parseID(strings.ToLower(s))
	return ok
}

const queryUserAdmins = "userAdmins"

// query answers the named queries that an object type has.
func (c *call) query(dst []byte, t *table, name string) ([]byte, error) {
	if name != queryUserAdmins || t.class.code != "USER" {
		return nil, unsupported("APIModel %s does not support namedQuery %s (%s)", c.model, name, t.class.code)
	}
	selected, err := c.selectFields(t)
	if err != nil {
		return nil, err
	}
	isAdmin := t.class.field("isAdmin")
	var rows []int32
	for _, row := range t.order {
		if t.get(isAdmin, row).number == 1 {
			rows = append(rows, row)
		}
	}
	return appendList(dst, selected, rows, c.version), nil
}
