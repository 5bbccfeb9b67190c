package workfront

import "bytes"

// limits are what a server may put between what is asked for and what it gives.
type limits struct {
	objects, members int // of an answer, by weight: JSON objects, and the members of all of them
	// count tells whether a limit by count could be that number.
	count func(rows int) bool
	bytes int // of a page that is read
	// least is the page size below which a page that fails is no longer taken for too heavy.
	least int
}

// documented are the limits by weight that Adobe publishes. What the server does beyond them is not (api-basics), and
// which page sizes it has below the one that is asked for, neither: numbers that people choose are plausible.
func documented() limits {
	return limits{objects: 50_000, members: 1_000_000, count: round, bytes: maxPage, least: 50}
}

// round tells the numbers that somebody might have chosen for a limit: a multiple of 50, a power of two from 64, or one
// less than either.
func round(n int) bool {
	power := func(n int) bool { return n >= 64 && n&(n-1) == 0 }
	return n > 0 && (n%50 == 0 || (n+1)%50 == 0 || power(n) || power(n+1))
}

// mayCut tells whether p, which is shorter than asked for, may have been cut at a limit, and not have ended with the list.
func (l limits) mayCut(p *page) bool {
	if l.count(len(p.rows)) {
		return true
	}
	objects, members := p.weight()
	return objects > l.objects/5*4 || members > l.members/5*4
}

// weight counts the objects of the rows and their members, at every depth.
func (p *page) weight() (objects, members int) {
	for _, r := range p.rows {
		for v := r.value; ; {
			i := bytes.IndexAny(v, `{:"`)
			if i < 0 {
				break
			}
			switch v[i] {
			case '{':
				objects++
			case ':':
				members++
			default:
				i = skipString(v, i) - 1
			}
			v = v[i+1:]
		}
	}
	return objects, members
}
