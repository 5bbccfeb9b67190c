package secrets

// A state is what store and recovery file come to.
type state struct {
	generation uint64
	identity   string // of the item; "": there is none
	payload    []byte // nil: none yet
	behind     bool   // the item is older than the recovery file
	rested     bool   // the item has had what is in the recovery file for long enough
}

// a holding is what an Item knows and has while it has its lock.
type holding struct {
	hold
	known *state // what the store holds; nil: not read yet
	room  *room  // for the next Save; nil: none was reserved
}

func (i *Item) holding() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.held != nil
}

// begin and end are of the time in which i has its lock.
func (i *Item) begin(h hold) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.held = &holding{hold: h}
}

func (i *Item) end() {
	i.mu.Lock()
	held := i.held
	i.held = nil
	i.mu.Unlock()
	if held.room != nil {
		held.room.free()
	}
	held.release()
}

// remember keeps s until the lock is released. A goroutine that reads without
// the lock may come late with an older state.
func (i *Item) remember(s *state) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.held != nil && (i.held.known == nil || i.held.known.identity == "" || s.generation > i.held.known.generation) {
		i.held.known = s
	}
}

func (i *Item) forget() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.held != nil {
		i.held.known = nil
	}
}

func (i *Item) remembered() *state {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.held == nil {
		return nil
	}
	return i.held.known
}

// keepRoom holds r until Save or the end of the lock, unless the lock no longer
// keeps others out.
func (i *Item) keepRoom(r *room) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.held == nil || !i.held.stands() {
		return false
	}
	i.held.room = r
	return true
}

// takeRoom gives out what Reserve has taken, once.
func (i *Item) takeRoom() *room {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.held == nil {
		return nil
	}
	r := i.held.room
	i.held.room = nil
	return r
}
