package relay

import (
	"bytes"
	"io"
	"os"

	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
	"github.com/ambassador-operator/ambassador-operator/proxy/internal/socket"
)

// offers reports whether every protocol of chosen is one of those asked for (RFC 9110 section 7.8).
func offers(asked, chosen []byte) bool {
	for element := range bytes.SplitSeq(chosen, []byte{','}) {
		if !lists(asked, bytes.TrimSpace(element)) {
			return false
		}
	}
	return true
}

func lists(list, wanted []byte) bool {
	for element := range bytes.SplitSeq(list, []byte{','}) {
		if bytes.EqualFold(bytes.TrimSpace(element), wanted) {
			return true
		}
	}
	return false
}

// tunnel passes the 101 on, and then bytes in both directions until both are closed. One that is closed lets the other go
// on. Nothing in it is HTTP any more, so neither connection is used again.
func (x *exchange) tunnel() error {
	x.keep, x.resp.Close = false, true
	x.status = x.resp.Status
	x.out = http1.AppendStatusLine(x.out[:0], x.resp.Status, x.resp.Reason)
	x.out = http1.AppendFields(x.out, x.resp.Fields)
	x.out = append(http1.AppendField(x.out, "Upgrade", x.resp.Upgrade), "Connection: Upgrade\r\n\r\n"...)
	x.out = append(x.out, x.back.take(len(x.back.unread()))...)
	x.answered = true
	if err := x.flush(); err != nil {
		return err
	}
	if !x.conn.wait.begin(tunnelling, now()+x.limits.idle) {
		return x.lost(os.ErrDeadlineExceeded)
	}
	return x.pumpBoth()
}

// pumpBoth ends when both directions have; one that fails ends the other.
func (x *exchange) pumpBoth() error {
	up, client := x.up, x.conn.tcp
	first := x.in.take(len(x.in.unread()))
	go func() {
		err := pump(up, client, up.TCP(), client, first)
		if err == nil {
			err = up.CloseWrite()
		}
		if err != nil {
			up.Interrupt()
		}
		x.upload.ended <- err
	}()
	err := pump(client, up, client, up.TCP(), nil)
	if err == nil {
		err = client.CloseWrite()
	}
	if err != nil {
		_ = client.SetDeadline(past)
		up.Interrupt()
	}
	sent := <-x.upload.ended
	x.answer.done, x.request.done = true, true
	if err == nil {
		err = sent
	}
	if err != nil {
		return x.lost(err)
	}
	return nil
}

// pump moves bytes, first those that were read already. The kernel does it where both ends are plain TCP.
func pump(to io.Writer, from io.Reader, plainTo, plainFrom *socket.Conn, first []byte) error {
	if len(first) > 0 {
		if _, err := to.Write(first); err != nil {
			return err
		}
	}
	if plainTo != nil && plainFrom != nil {
		_, err := socket.Move(plainTo, plainFrom, -1)
		return err
	}
	room := rooms.Get().(*[bodyRoom]byte)
	defer rooms.Put(room)
	for {
		n, err := from.Read(room[:])
		if n > 0 {
			if _, err := to.Write(room[:n]); err != nil {
				return err
			}
		}
		switch err {
		case nil:
		case io.EOF:
			return nil
		default:
			return err
		}
	}
}
