//! The words that carry intent, in ten languages: English thoroughly, and Chinese, Japanese, Korean,
//! Spanish, French, German, Portuguese, Russian and Italian for installing, sending, hiding and
//! overriding.
//!
//! Words are matched in linear time over normalised, lower-case text. A word stands alone unless it
//! ends in `*`, which takes any ending; scripts without spaces need no boundary.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::Action;

/// What a word contributes to a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cue {
    /// A verb that is an action by itself.
    Do(Action),
    /// To carry out: an action on a program, obedience on instructions.
    Follow,
    /// To carry out what was just spoken of: follow it, do what it says.
    Obey,
    /// To let somebody know. Negated, it conceals.
    Tell,
    /// To ask somebody first. Negated, it overrides their approval.
    Ask,
    /// To call something good or bad, as a judge does.
    Judge,
    /// Sets aside what it stands before: ignore, disregard, bypass.
    SetAside,
    /// Turns a verb into its prohibition.
    Not,
    /// Turns a gerund into its prohibition: without, instead of.
    Without,
    /// Turns a prohibition into an order: do not *forget* to.
    Lest,
    /// Ends the reach of a negation: but, instead, unless.
    Break,
    /// Joins verbs under one negation: or, nor.
    Or,
    /// Nothing works without it.
    Must,
    /// Leaves it open: may, can, optionally.
    May,
    /// Makes the next verb an order: please, then, should.
    Order,
    /// So that nobody notices.
    Silent,
    /// The sentence speaks about attacks, patterns or examples.
    Mention,
    /// A thing.
    Thing(Thing),
    /// An operating system.
    Platform(&'static str),
    /// A word for a password.
    Password,
    /// Addresses the agent.
    Agent,
    /// Addresses whoever judges the skill.
    Reviewer,
    /// The answer that a judge is asked for.
    Harmless,
    /// Again and again, or from now on.
    Always,
    /// What was fetched: the response, the page's content.
    Fetched,
}

/// Things that change what a verb means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thing {
    Instructions,
    Safety,
    Approval,
    Conversation,
    Secret(&'static str),
    User,
    Terminal,
    Command,
    Archive,
    Program,
    Page,
    Everything,
    AgentFile,
}

impl Thing {
    /// The name under which a claim's objects carry it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Instructions => "instructions",
            Self::Safety => "safety",
            Self::Approval => "approval",
            Self::Conversation => "conversation",
            Self::Secret(name) => name,
            Self::User => "user",
            Self::Terminal => "terminal",
            Self::Command => "command",
            Self::Archive => "archive",
            Self::Program => "program",
            Self::Page => "page",
            Self::Everything => "everything",
            Self::AgentFile => "agent file",
        }
    }
}

/// A word found in a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) cue: Cue,
}

/// Every word, with its cue. Alternatives are parted by `|`.
const WORDS: &[(Cue, &str)] = &[
    // Verbs of installing.
    (
        Cue::Do(Action::Download),
        "download|downloads|downloading|downloaded|fetch|fetches|fetching|grab|get the|get our|get your copy|obtain|retrieve|get it from|get it at|get it here|available from|available at|quick setup here|setup here|下载|下載|ダウンロード|入手|다운로드|내려받|descarg*|télécharg*|telecharg*|herunterlad*|lade*|lädt|laden sie|baixe|baixar|baixando|faça o download|скача*|загруз*|scaric*",
    ),
    (
        Cue::Do(Action::Extract),
        "extract|extracts|extracting|unzip|unzips|unzipping|unpack|unpacking|decompress|unarchive|解压|解壓|解凍|展開|압축을 풀|압축 해제|압축해제|extrae|extraer|descomprim*|extrai*|décompress*|extraire|extrayez|entpack*|разархивир*|распак*|извлек*|estra*",
    ),
    (
        Cue::Do(Action::Run),
        "run|runs|running|launch|launching|execute|executes|executing|double-click|double click|运行|執行|执行|启动|打开|実行|起動|실행|ejecut*|inicie|exécut*|executar|executez|lancez|lancer|ausführen|führen sie|führe|starten|startet|abra o|запуст*|запусти*|выполни*|esegui*|avvia*",
    ),
    (
        Cue::Do(Action::Paste),
        "paste|pastes|pasting|copy and paste|copy-paste|copy the command|copy this command|copy the following|粘贴|貼上|复制|複製|貼り付け|ペースト|コピーして|붙여넣*|복사|pega|pegue|pegar|peguelo|copia y pega|collez|coller|copiez|einfügen|füge|kopier*|colar|copie e cole|вставь*|вставить|скопируй*|incolla*",
    ),
    (
        Cue::Do(Action::Visit),
        "visit|visiting|open this|open the page|open the link|go to|navigate to|browse to|head to|head over to|see this page|访问|訪問|前往|アクセスし|方문|방문|접속|visita|visite|visitez|rendez-vous|besuche*|besuchen|acesse|acessar|перейди*|посети*|откройте|visitare|vai su",
    ),
    (
        Cue::Do(Action::Install),
        "install|installs|installing|installed|setup|set up|安装|安裝|インストール|설치|instal*|instalar|installier*|установ*",
    ),
    (
        Cue::Do(Action::Require),
        "require|requires|required|is required|are required|requiring|needs|need|needed|prerequisite|prerequisites|depends on|必须|必需|需要|必要|필요|requier*|necesit*|nécess*|benötig*|erforderlich|necessár*|requer|необходим*|требу*|necessari*|richied*",
    ),
    // Verbs of taking and giving.
    (
        Cue::Do(Action::Read),
        "read|reads|reading|cat|collect|collects|collecting|gather|harvest|capture|scan|extract all|dump|access|look up|enumerate|search for|find all|读取|收集|読み取|収集|읽|수집|lee|leer|recopil*|lire|lisez|collectez|lesen|sammel*|ler|leia|colet*|прочита*|собер*|leggi|raccogli*",
    ),
    (
        Cue::Do(Action::Send),
        "send|sends|sending|post|posts|posting|upload|uploads|uploading|forward|forwards|forwarding|transmit|transmits|exfiltrate|exfiltrates|exfiltrating|email|e-mail|submit|report|push|append|encode|embed|include|including|leak|sync|relay|share|发送|發送|上传|上傳|转发|送信|アップロード|転送|전송|업로드|보내|enviar|envía|envia|enviando|envoy*|transmett*|télévers*|senden|sende|sendet|hochlad*|übermittel*|enviar|envie|отправ*|перешл*|invia*|caric*",
    ),
    (
        Cue::Do(Action::Write),
        "write|writes|writing|append to|add to|add the following|add this|edit|modify|update|insert|save|overwrite|prepend|inject|persist|写入|添加|修改|保存|書き込|追記|追加|작성|추가|escrib*|agreg*|añad*|écri*|ajout*|schreib*|hinzufüg*|escrev*|adicion*|запиш*|добав*|scrivi*|aggiung*",
    ),
    (
        Cue::Do(Action::Authenticate),
        "enter|type in|type|provide|supply|input|give|submit|import|confirm|verify|connect|disclose|request|输入|提供|入力|입력|ingres*|introduzca|introducir|proporcion*|saisi*|entrez|fourni*|eingeben|geben sie|gib|digite|insira|forneça|введи*|укажи*|inserisci*|fornisci*",
    ),
    (
        Cue::Do(Action::Destroy),
        "delete|deletes|deleting|erase|wipe|remove all|destroy|删除|刪除|削除|삭제|elimin*|borra|borrar|borre|supprim*|lösch*|apag*|excluir|удал*|cancell*",
    ),
    (
        Cue::Do(Action::Disable),
        "disable|disables|disabling|turn off|turning off|switch off|deactivate|shut off|uncheck|关闭|禁用|停用|無効|無効化|비활성화|끄|desactiv*|deshabilit*|désactiv*|deaktivier*|ausschalt*|desativ*|desabilit*|отключ*|выключ*|disattiv*|disabilit*",
    ),
    (
        Cue::Do(Action::Conceal),
        "hide|hides|conceal|conceals|keep secret|keep this secret|keep it secret|keep this confidential|keep hidden|cover up|mask|隐藏|隱藏|隐瞒|瞒着|隠*|숨기|숨겨|ocult*|escond*|cachez|cacher|dissimul*|verberg*|verheimlich*|verstecke*|скры*|скрыва*|nascond*",
    ),
    (
        Cue::Obey,
        "follow it|follow them|follow those|follow its|follow their|follow whatever|do what it says|do as it says|do whatever|execute it|execute them|run whatever|apply it|apply them|obey it|obey them|照做|按其|従ってください|suis-les|síguelas|siga-as|выполни их",
    ),
    (
        Cue::Follow,
        "follow|follows|following the|obey|comply with|act on|act upon|carry out|apply|adhere to|treat as|遵循|遵守|按照|执行其中|従*|따르|sigue|seguir|suiv*|befolg*|siga|следу*|segui*",
    ),
    (
        Cue::Tell,
        "tell|tells|telling|inform|informs|informing|notify|notifies|notifying|mention|mentions|mentioning|reveal|reveals|revealing|disclose|disclosing|alert|alerts|alerting|announce|acknowledge|warn|let the user know|let them know|make the user aware|show this|show the user|display to|explain to|report to|report this|describe to|告诉|告知|通知|提及|透露|告訴|伝え|知らせ|言及|알리|알려|말하|언급|informar|informes|informe|menciones|mencionar|mencione|digas|decir|diga|dis|dites|dire|mentionn*|erwähn*|mitteil*|conte|contar|mencion*|avise|сообща*|говори*|упомина*|расскаж*|dire all*|dirlo|dica|menziona*|avvisa*",
    ),
    (
        Cue::Ask,
        "ask|asks|asking|prompt|prompting|confirm with|check with|request approval|request permission|seek|询问|征求|確認を|尋ね|묻|확인을 요청|pregunt*|pidas|demandez|demander|frage|fragen|pergunt*|спраш*|chieder*|chiedi",
    ),
    (
        Cue::Judge,
        "classify|mark|rate|score|label|treat|consider|flag|report|approve|conclude|assess|verdict|判定|标记|評価|분류",
    ),
    (
        Cue::SetAside,
        "ignore|ignores|ignoring|disregard|disregards|disregarding|override|overrides|overriding|bypass|bypasses|bypassing|forget|skip|skips|skipping|circumvent|supersede|supersedes|take precedence over|takes precedence over|no longer apply|void|suspend|忽略|无视|無視|绕过|跳过|無視し|무시|우회|ignor*|omit*|anul*|contourn*|oubli*|ignorier*|missacht*|umgeh*|überspring*|desconsider*|игнорир*|обойд*|забуд*|dimentica*",
    ),
    // Polarity and force.
    (
        Cue::Not,
        "not|never|don't|dont|do not|doesn't|don’t|cannot|can't|mustn't|must not|should not|shouldn't|won't|avoid|avoids|refuse|refuses|no need to|prevent|prevents|prohibit|prohibited|forbid|forbidden|decline|不要|不得|请勿|勿|切勿|不会|不可|禁止|别|しない|ないで|せず|하지 마|하지 말|않|금지|no|nunca|jamás|evite|ne|jamais|évitez|nicht|niemals|nie|keine*|vermeid*|não|nao|nunca|evite|не|никогда|нельзя|non|mai|evita",
    ),
    (
        Cue::Without,
        "without|instead of|rather than|不经|未经|無断で|なしに|없이|sin|sans|ohne|sem|без|senza",
    ),
    (
        Cue::Lest,
        "forget to|fail to|hesitate|skip this|skip these|skip the|miss|omit this|wait|worry|need permission|忘记|忘れ|잊지|olvid*|oubli*|vergess*|esque*|забуд*|dimentic*",
    ),
    (
        Cue::Break,
        "but|however|instead|unless|otherwise|rather|except|if|when|whenever|until|because|while|once|so that|但|但是|しかし|ただし|하지만|pero|mais|aber|sondern|mas|но|ma",
    ),
    (Cue::Or, "or|nor|或|oder|ou|или|o"),
    (
        Cue::Must,
        "must|mandatory|required before|need to|needs to|have to|has to|essential|critical requirement|prerequisite|prerequisites|before using|before you can use|before use|before starting|before proceeding|before continuing|before running|before setting up|before any|will not work|won't work|will not function|to function|function properly|to work properly|work properly|work correctly|in order to use|without this|without it|without completing|cannot function|首先|必须|必須|必需|使用前|之前|필수|사용하기 전|obligatori*|antes de|debe*|obligatoire*|avant d*|avant toute|doit|devez|muss|müssen|erforderlich|zwingend|vor der|bevor|obrigat*|deve|devem|antes|обязательн*|необходим*|перед использован*|должн*|obbligatori*|prima di|devi|deve",
    ),
    (
        Cue::May,
        "may|might|could|optional|optionally|if you want|if desired|if you prefer|alternatively|recommended|可选|可以|任意|선택|opcional*|optionnel*|facultatif|optional*|opcional|при желании|необязательн*|opzional*",
    ),
    (
        Cue::Order,
        "please|then|should|you should|always|first|next|now|simply|just|immediately|请|請|ください|하세요|por favor|veuillez|bitte|пожалуйста|per favore",
    ),
    (
        Cue::Silent,
        "silently|secretly|quietly|covertly|stealthily|in the background without|invisibly|discreetly|without the user's knowledge|without user knowledge|without their knowledge|behind the scenes without|悄悄|静默|偷偷|秘密地|こっそり|密かに|몰래|조용히|en silencio|silenciosamente|secretamente|discrètement|secrètement|heimlich|unbemerkt|sigilosamente|тайно|незаметно|скрытно|segretamente|di nascosto",
    ),
    (
        Cue::Mention,
        "attacker|attackers|attack|attacks|adversary|malicious|malware|phishing|scam|scammers|injection|exploit|exploits|jailbreak|for example|for instance|e.g.|such as|patterns like|looks like|look for|watch for|watch out|detects|detect|detecting|detection|flags|catches|scans for|checks for|red flag|red flags|warning sign|warning signs|suspicious|threat|threats|vulnerability|vulnerabilities|test case|payload|payloads|if someone|if a message|if any|if a user|if content|anyone who|untrusted|instructions to|instructions that|attempts to|abuse|risks|恶意|攻击|攻撃|悪意|공격|악성|ataque|atacante|malicios*|attaque|malveillant*|angriff|angreifer|bösartig*|malicios*|вредонос*|атак*|злоумышлен*|attacco|malevol*",
    ),
    (
        Cue::Always,
        "every time|each time|every session|at the start of|on startup|every message|every response|periodically|every hour|every day|daily|hourly|every few|every 5|every 10|every 15|every 30|every 4|heartbeat|from now on|regularly|每次|每天|每小时|毎回|毎日|매번|매일|cada vez|chaque fois|jedes mal|toda vez|каждый раз|ogni volta",
    ),
    (
        Cue::Fetched,
        "from the response|the response|returned instructions|from the server|from the url|from this url|from the page|on the page|on that page|at that url|at this url|the fetched|fetched content|fetched instructions|downloaded instructions|the remote|remote instructions|the latest instructions|it returns|it contains|contained in|found there|in the file|the file's|whatever it says|what it says|其中的|返回的",
    ),
    // Things.
    (
        Cue::Thing(Thing::Instructions),
        "instruction|instructions|previous instructions|prior instructions|system prompt|system message|system prompts|guidelines|directives|prompt|prompts|rules|your rules|programming|prior context|earlier context|指令|指示|提示词|系统提示|规则|システムプロンプト|ルール|지시|명령|프롬프트|지침|instrucciones|instrucción|indicaciones|instructions précédentes|consignes|anweisungen|anweisung|instruções|инструкци*|указани*|istruzioni",
    ),
    (
        Cue::Thing(Thing::Safety),
        "safety|safety checks|safety guidelines|safety rules|restrictions|guardrails|guardrail|security policy|security policies|security checks|security measures|safeguards|content policy|content policies|filters|sandbox|sandboxing|antivirus|anti-virus|windows defender|defender|gatekeeper|firewall|smartscreen|system integrity protection|sip|real-time protection|security software|ssl verification|tls verification|certificate verification|logging|audit log|monitoring|telemetry|安全|限制|防火墙|杀毒|安全策略|セキュリティ|제한|보안|seguridad|restricciones|sécurité|sicherheit*|segurança|безопасност*|ограничени*|sicurezza|antivirus*",
    ),
    (
        Cue::Thing(Thing::Approval),
        "approval|approvals|permission|permissions|confirmation|confirmations|consent|exec approval|exec approvals|确认|批准|许可|同意|承認|許可|승인|허락|동의|permiso|confirmación|aprobación|autorisation|approbation|erlaubnis|bestätigung|zustimmung|permissão|confirmação|разрешени*|подтвержден*|permesso|conferma",
    ),
    (
        Cue::Thing(Thing::Conversation),
        "conversation|conversations|conversation history|in conversation|chat history|chat log|chat logs|message history|all messages|session history|transcript|full context|memory contents|对话|聊天记录|会話|대화|conversación|historique de conversation|gesprächsverlauf|conversa|переписк*|conversazione",
    ),
    (
        Cue::Thing(Thing::User),
        "user|the user|users|human|operator|owner|them|him|anyone|anybody|用户|使用者|ユーザー|利用者|사용자|usuario|utilisateur|benutzer|nutzer|usuário|пользовател*|utente",
    ),
    (
        Cue::Thing(Thing::Terminal),
        "terminal|terminal.app|command prompt|powershell|console|shell prompt|cmd.exe|run dialog|win+r|windows+r|iterm|终端|命令行|ターミナル|터미널|terminale|eingabeaufforderung|терминал*|командн*",
    ),
    (
        Cue::Thing(Thing::Command),
        "command|commands|one-liner|script|installation command|install command|snippet|code below|命令|コマンド|명령어|comando|comandos|commande|befehl|команд*",
    ),
    (
        Cue::Thing(Thing::Archive),
        "archive|zip|zip file|zip archive|rar|压缩包|壓縮檔|アーカイブ|압축 파일|archivo comprimido|archivo zip|archiv|arquivo|архив*|archivio",
    ),
    (
        Cue::Thing(Thing::Program),
        "executable|utility|installer|binary|driver|helper|setup file|tool|agent tool|desktop app|client|companion app|daemon|工具|安装程序|程序|实用程序|ツール|インストーラ*|도구|프로그램|설치 프로그램|herramienta|instalador|ejecutable|utilidad|outil|programme|installateur|werkzeug|programm|installationsprogramm|ferramenta|instalador|executável|утилит*|инструмент*|программ*|установщик*|strumento|programma|eseguibile",
    ),
    (
        Cue::Thing(Thing::Page),
        "this page|page|website|this link|link below|链接|网站|页面|リンク|ページ|링크|페이지|enlace|página|lien|seite|ссылк*|страниц*|pagina",
    ),
    (
        Cue::Thing(Thing::Everything),
        "everything|all files|all data|all of the|all environment variables|environment variables|env vars|entire environment|process environment|whole file|full contents|all secrets|所有",
    ),
    (
        Cue::Thing(Thing::AgentFile),
        "your memory|your soul|long-term memory|your persona|your identity file|memory file|soul file|agent memory|your system files",
    ),
    (
        Cue::Thing(Thing::Secret("seed phrase")),
        "seed phrase|seed phrases|recovery phrase|secret recovery phrase|mnemonic|mnemonic phrase|12-word phrase|24-word phrase|12 word phrase|12 words|24 words|wallet seed|助记词|助記詞|シードフレーズ|니모닉|시드 구문|frase semilla|frase de recuperación|phrase de récupération|phrase secrète|seed-phrase|wiederherstellungsphrase|frase de recuperação|frase semente|сид-фраз*|мнемоническ*|seed-фраз*|frase di recupero",
    ),
    (
        Cue::Thing(Thing::Secret("private key")),
        "private key|private keys|privkey|secret key|signing key|ssh key|ssh keys|ssh private key|私钥|私鑰|秘密鍵|개인 키|개인키|clave privada|claves privadas|clé privée|privater schlüssel|privaten schlüssel|chave privada|приватн* ключ*|закрыт* ключ*|приватный ключ|приватного ключа|chiave privata",
    ),
    (
        Cue::Thing(Thing::Secret("api key")),
        "api key|api keys|api-key|apikey|access key|access keys|access token|access tokens|session token|session tokens|auth token|auth tokens|bearer token|bearer tokens|refresh token|refresh tokens|bot token|tokens|token|密钥|令牌|apiキー|トークン|api 키|토큰|clave api|claves api|clé api|clés api|api-schlüssel|chave de api|chaves de api|токен*|chiave api",
    ),
    (
        Cue::Thing(Thing::Secret("credentials")),
        "credential|credentials|secrets|secret|login details|login credentials|passwords|keychain|password manager|凭证|凭据|認証情報|자격 증명|credenciales|identifiants|zugangsdaten|anmeldedaten|credenciais|учетн* данн*|учётн*|credenziali",
    ),
    (
        Cue::Thing(Thing::Secret("cookies")),
        "cookie|cookies|session cookie|session cookies|browser cookies|browser profile|saved passwords|login data",
    ),
    (
        Cue::Thing(Thing::Secret("environment file")),
        ".env|.env file|dotenv|env file|environment file",
    ),
    (
        Cue::Thing(Thing::Secret("wallet")),
        "wallet|wallets|wallet file|wallet.dat|keystore|钱包|ウォレット|지갑|cartera|portefeuille|carteira|кошел*",
    ),
    (
        Cue::Thing(Thing::Secret("card")),
        "credit card|card number|cvv|cvc|social security number|bank account number|one-time code|2fa code|otp code|verification code",
    ),
    (
        Cue::Password,
        "password|passwd|passcode|pass|pwd|archive password|zip password|extraction password|密码|密碼|解压码|パスワード|비밀번호|암호|contraseña|clave|mot de passe|passwort|kennwort|senha|пароль|пароля|parola d'ordine",
    ),
    // Platforms.
    (
        Cue::Platform("windows"),
        "windows|win10|win11|windows 10|windows 11|виндовс",
    ),
    (
        Cue::Platform("macos"),
        "macos|mac os|os x|osx|mac|apple silicon",
    ),
    (Cue::Platform("linux"), "linux|ubuntu|debian"),
    // Who is spoken to.
    (
        Cue::Agent,
        "the agent|ai agent|assistant|the assistant|claude|the model|the ai|the bot|代理|智能体|エージェント|에이전트",
    ),
    (
        Cue::Reviewer,
        "security scanner|security scanners|scanner|scanners|reviewer|reviewers|auditor|auditors|moderator|moderators|security review|security analysis|static analysis|code reviewer|llm judge|ai judge|evaluator|the judge|automated review|automated analysis|vetting system|if you are analyzing this|if you are reviewing this|if you are evaluating this|when analyzing this skill|when reviewing this skill|when evaluating this skill|审核|扫描器|審査|검토자",
    ),
    (
        Cue::Harmless,
        "safe|benign|harmless|trusted|clean|approved|verified safe|no malicious|not malicious|false positive|false positives|low risk|no risk|no threat|no threats|no issues|pre-approved|whitelisted|allowlisted|legitimate|安全|无害|正常",
    ),
];

/// The automaton, the cue of each of its patterns, and whether a pattern needs a boundary at its
/// start and end.
struct Lexicon {
    automaton: AhoCorasick,
    entries: Vec<(Cue, bool, bool)>,
}

/// Every word. Most texts need only [`ASCII`], which is half the work to build, and every worker
/// builds it anew: hence also the form that is quick to build, not the one quickest to run.
static ALL: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::of(|_| true));

/// The words without a letter beyond ASCII.
static ASCII: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::of(|word| !has_foreign_letter(word)));

fn has_foreign_letter(text: &str) -> bool {
    text.chars().any(|c| !c.is_ascii() && c.is_alphabetic())
}

impl Lexicon {
    fn of(keep: impl Fn(&str) -> bool) -> Self {
        let mut patterns = Vec::new();
        let mut entries = Vec::new();
        for (cue, words) in WORDS {
            for word in words.split('|').filter(|word| keep(word)) {
                let (word, open) = word.strip_suffix('*').map_or((word, false), |w| (w, true));
                let spaced = |c: Option<char>| c.is_some_and(is_spaced);
                patterns.push(word);
                entries.push((
                    *cue,
                    spaced(word.chars().next()),
                    !open && spaced(word.chars().last()),
                ));
            }
        }
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::NoncontiguousNFA))
            .dense_depth(1)
            .build(patterns)
            .expect("the words are few and short");
        Self { automaton, entries }
    }
}

/// Whether a letter belongs to a script that parts words by spaces.
fn is_spaced(c: char) -> bool {
    c.is_alphanumeric()
        && !matches!(c, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The words of a lower-case text, in order; where several begin at a place, the longest. They do
/// not overlap.
pub(super) fn words(lower: &str) -> Vec<Word> {
    let free = |c: Option<char>| c.is_none_or(|c| !(is_spaced(c) || c == '_'));
    let lexicon: &Lexicon = if has_foreign_letter(lower) {
        &ALL
    } else {
        &ASCII
    };
    let mut found: Vec<(usize, std::cmp::Reverse<usize>, usize)> = lexicon
        .automaton
        .find_overlapping_iter(lower)
        .filter(|m| {
            let (_, before, after) = lexicon.entries[m.pattern().as_usize()];
            (!before || free(lower[..m.start()].chars().next_back()))
                && (!after || free(lower[m.end()..].chars().next()))
        })
        .map(|m| {
            (
                m.start(),
                std::cmp::Reverse(m.end()),
                m.pattern().as_usize(),
            )
        })
        .collect();
    found.sort_unstable();
    let mut from = 0;
    found.retain(|(start, end, _)| {
        let taken = *start >= from;
        if taken {
            from = end.0;
        }
        taken
    });
    found
        .into_iter()
        .map(|(start, end, pattern)| Word {
            start,
            end: end.0,
            cue: lexicon.entries[pattern].0,
        })
        .collect()
}

/// Asserts that each word is found where it stands alone, with a cue that it is listed under.
#[cfg(test)]
pub(super) fn assert_each_is_found() {
    for (cue, list) in WORDS {
        for word in list.split('|') {
            let word = word.trim_end_matches('*');
            let found = words(&format!("x {word} y"));
            let listed = |c: Cue| {
                WORDS.iter().any(|(cue, list)| {
                    *cue == c && list.split('|').any(|w| w.trim_end_matches('*') == word)
                })
            };
            assert!(
                !word.is_empty() && word == word.to_lowercase(),
                "{word:?} of {cue:?} is not in lower case"
            );
            assert!(
                found
                    .iter()
                    .any(|w| w.end - w.start == word.len() && listed(w.cue)),
                "{word:?} of {cue:?}: {found:?}"
            );
        }
    }
}
